// The directions of the axes, in a corner.
class Axes {
  constructor(overlay) {
    const make = (name, parent) => parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
    const drawing = make("svg", overlay);
    drawing.setAttribute("class", "axes");
    drawing.setAttribute("viewBox", "-40 -40 80 80");
    this.lines = [..."xyz"].map(letter => {
      const [line, text] = [make("line", drawing), make("text", drawing)];
      text.textContent = letter;
      return [line, text];
    });
  }

  turn(camera) {
    this.lines.forEach(([line, text], k) => {
      const [across, down] = [camera.right[k], -camera.upward[k]];
      line.setAttribute("x2", 24 * across);
      line.setAttribute("y2", 24 * down);
      text.setAttribute("x", 32 * across);
      text.setAttribute("y", 32 * down);
    });
  }
}
