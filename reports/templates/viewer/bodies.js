// Surfaces of what was not meshed: fixtures, rollers, heads, and the arrows of the loads.

// A profile of (radius, height) turned about an axis; the flat pieces meet at edges unless the profile is fine.
function turned(foot, axis, profile, steps = 48) {
  const along = unit(axis), aside = unit(cross(along, Math.abs(along[0]) < 0.8 ? [1, 0, 0] : [0, 1, 0]));
  const behind = cross(along, aside), places = [], normals = [];
  const ring = Array.from({ length: steps + 1 }, (_, i) => 2 * Math.PI * i / steps)
    .map(angle => plus(times(aside, Math.cos(angle)), behind, Math.sin(angle)));
  for (let k = 1; k < profile.length; k++) {
    const [[r, h], [s, g]] = [profile[k - 1], profile[k]];
    for (let i = 0; i < steps; i++) {
      const corner = (out, radius, height) => {
        places.push(...plus(plus(foot, along, height), out, radius));
        normals.push(...unit(plus(times(out, g - h), along, r - s)));
      };
      const [a, b, c, d] = [[ring[i], r, h], [ring[i + 1], r, h], [ring[i + 1], s, g], [ring[i], s, g]];
      for (const which of [a, b, c, a, c, d]) corner(...which);
    }
  }
  return { places: new Float32Array(places), normals: new Float32Array(normals) };
}

function ghostBody({ kind, centre, axis, size: [radius, length] }, origin) {
  const middle = plus(centre, origin, -1);
  if (kind === "sphere") {
    const profile = Array.from({ length: 33 }, (_, i) => Math.PI * i / 32);
    return turned(middle, axis, profile.map(angle => [radius * Math.sin(angle), -radius * Math.cos(angle)]));
  }
  return turned(middle, axis, [[0, -length / 2], [radius, -length / 2], [radius, length / 2], [0, length / 2]]);
}

function arrowBody({ tail, tip }, origin) {
  const way = plus(tip, tail, -1), length = Math.hypot(...way);
  const profile = [[0, 0], [0.03, 0], [0.03, 0.7], [0.085, 0.7], [0, 1]];
  return turned(plus(tail, origin, -1), way, profile.map(([r, h]) => [r * length, h * length]), 32);
}

// Every so many of the points of a body.
function pointsOf({ places }, step) {
  const points = [];
  for (let i = 0; i < places.length; i += 3 * step) points.push([places[i], places[i + 1], places[i + 2]]);
  return points;
}
