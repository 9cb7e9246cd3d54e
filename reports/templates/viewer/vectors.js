// Vectors of three numbers.
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const plus = (a, b, factor = 1) => [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
const times = (a, factor) => [a[0] * factor, a[1] * factor, a[2] * factor];
const unit = a => times(a, 1 / (Math.hypot(...a) || 1));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
