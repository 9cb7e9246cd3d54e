// Numbers as the rest of the report writes them.

// A value with four digits, but none finer than the steps to which values were rounded.
function written(value, step) {
  if (!Number.isFinite(value)) return "none";
  const digits = 3 - Math.floor(Math.log10(Math.abs(value) || 1));
  const known = step > 0 ? Math.ceil(-Math.log10(step)) : digits;
  return fixed(value, clamp(Math.min(digits, known), 0, 12));
}

const fixed = (value, decimals) => (Number(value.toFixed(decimals)) + 0).toFixed(decimals).replace("-", "−");
const placeWords = place => `(${place.map(value => fixed(value, 1)).join(", ")})`;

// The largest of 1, 2, 5 times a power of ten not above a value.
function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return Math.max(...[1, 2, 5].filter(m => m * power <= value * (1 + 1e-9))) * power;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
