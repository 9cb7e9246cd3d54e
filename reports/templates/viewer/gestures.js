// Turning, moving, zooming and reading a view by mouse, touch and keys.

const TURN = 0.008;  // radians to a pixel
const STILL = 4;     // pixels; a press that moves less is a click

function listen(view) {
  const { canvas, group } = view, { state } = group;
  const pressed = new Map();
  let travelled = 0, pivot = null, turning = false;
  const spot = event => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const camera = () => (view.aim(), view.camera);

  canvas.addEventListener("pointerdown", event => {
    if (event.pointerType !== "touch") canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pressed.set(event.pointerId, spot(event));
    travelled = 0;
    turning = event.button === 0 && !event.shiftKey;
    // Turn about what is under the pointer where the part is seen close, else about its middle.
    const hit = state.zoom > 1.5 && turning ? view.pick(...spot(event)) : null;
    pivot = hit ? view.read(hit).drawn : null;
    hover(null);
  });

  canvas.addEventListener("pointermove", event => {
    if (!pressed.has(event.pointerId)) {
      if (event.pointerType !== "touch") hoverSoon(spot(event));
      return;
    }
    const before = [...pressed.values()], old = pressed.get(event.pointerId), now = spot(event);
    pressed.set(event.pointerId, now);
    const [dx, dy] = [now[0] - old[0], now[1] - old[1]];
    travelled += Math.abs(dx) + Math.abs(dy);
    if (travelled < STILL) return;
    if (pressed.size === 2) {
      const [[a, b], [c, d]] = [before, [...pressed.values()]];
      const middle = ([p, q]) => [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
      const gap = ([p, q]) => Math.hypot(p[0] - q[0], p[1] - q[1]);
      const [from, to] = [middle([a, b]), middle([c, d])];
      move(to[0] - from[0], to[1] - from[1]);
      zoom(gap([c, d]) / Math.max(gap([a, b]), 1), to);
    } else if (turning) turn(-dx * TURN, dy * TURN, pivot);
    else move(dx, dy);
  });

  const release = event => {
    if (!pressed.delete(event.pointerId)) return;
    if (event.type === "pointerup" && travelled < STILL && turning && !pressed.size) {
      canvas.focus({ preventScroll: true });
      choose(spot(event));
    }
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("contextmenu", event => event.preventDefault());

  // The page scrolls over a view that nobody has clicked into.
  canvas.addEventListener("wheel", event => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : event.ctrlKey ? 0.01 : 0.0015)), spot(event));
  }, { passive: false });

  canvas.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const middle = view.camera.canvas.map(side => side / 2);
    if (arrows[event.key]) {
      const [x, y] = arrows[event.key];
      if (event.shiftKey) move(-30 * x, -30 * y);
      else turn(-x * Math.PI / 36, y * Math.PI / 36, null);
    } else if (event.key === "+" || event.key === "=") zoom(1.25, middle);
    else if (event.key === "-") zoom(0.8, middle);
    else if (event.key === "0" || event.key === "Home") state.restoreCamera();
    else if (event.key === "Enter" || event.key === " ") choose(middle);
    else if (event.key === "p" || event.key === "P") group.showPeak();
    else if (event.key === "Escape") group.forget();
    else return;
    event.preventDefault();
  });

  function turn(azimuth, elevation, about) {
    const most = Math.PI / 2, next = clamp(state.elevation + elevation, -most, most);
    const angles = { azimuth: state.azimuth + azimuth, elevation: next };
    if (!about) return state.change(angles);
    const was = camera().panTo(about, state), is = view.camera.panTo(about, angles);
    state.change({ ...angles, pan: [state.pan[0] + is[0] - was[0], state.pan[1] + is[1] - was[1]] });
  }

  function move(dx, dy) {
    const { perMm, size } = camera();
    state.change({ pan: [state.pan[0] - dx / perMm / size, state.pan[1] + dy / perMm / size] });
  }

  // Zoom so that what is at a pixel stays there.
  function zoom(by, [x, y]) {
    const next = clamp(state.zoom * by, 0.3, 200), { perMm, size, canvas: [width, height] } = camera();
    const kept = (1 / perMm - state.zoom / next / perMm) / size;
    state.change({ zoom: next, pan: [state.pan[0] + (x - width / 2) * kept, state.pan[1] - (y - height / 2) * kept] });
  }

  function choose(at) {
    group.forget();
    view.picked = view.pick(...at);
    group.say(view.picked ? view.sentence(view.picked) : "Nothing there but the background.");
    view.redraw();
  }

  let wanted = null;
  function hoverSoon(at) {
    if (!wanted) requestAnimationFrame(() => { hover(view.pick(...wanted)); wanted = null; });
    wanted = at;
  }

  function hover(hit) {
    if (!hit && !view.hovered) return;
    view.hovered = hit;
    view.overlay.arrange();
  }
}
