// Programs for the graphics card. Nodes lie in textures; a face is one instance of a triangle divided evenly, drawn
// curved by the shape functions of its six nodes.

const NODES = `#version 300 es
precision highp float; precision highp int; precision highp sampler2D;
uniform sampler2D uPlace, uShift, uValue;
uniform mat4 uView;
uniform float uFactor;
ivec2 at(uint node) { return ivec2(int(node & 2047u), int(node >> 11u)); }
vec3 placeOf(uint node) { return texelFetch(uPlace, at(node), 0).xyz; }
vec3 movedOf(uint node) {
  vec3 place = placeOf(node);
  return uFactor > 0.0 ? place + uFactor * texelFetch(uShift, at(node), 0).xyz : place;
}
float valueOf(uint node) { return texelFetch(uValue, at(node), 0).x; }
`;

const FACE = `${NODES}
in vec2 aSpot;
in uvec3 aCorners, aMiddles;
in uint aWall;
uniform bool uWallOnly;
out vec3 vPlace, vNormal, vSpot;
out float vValue;
flat out uint vNumber;
void main() {
  float s = aSpot.x, t = aSpot.y, r = 1.0 - s - t;
  uint nodes[6] = uint[6](aCorners.x, aCorners.y, aCorners.z, aMiddles.x, aMiddles.y, aMiddles.z);
  float weight[6] = float[6](r * (2.0*r - 1.0), s * (2.0*s - 1.0), t * (2.0*t - 1.0), 4.0*r*s, 4.0*s*t, 4.0*t*r);
  float alongS[6] = float[6](1.0 - 4.0*r, 4.0*s - 1.0, 0.0, 4.0*(r - s), 4.0*t, -4.0*t);
  float alongT[6] = float[6](1.0 - 4.0*r, 0.0, 4.0*t - 1.0, -4.0*s, 4.0*s, 4.0*(r - t));
  vec3 moved = vec3(0), dS = vec3(0), dT = vec3(0);
  vPlace = vec3(0);
  vValue = 0.0;
  for (int k = 0; k < 6; k++) {
    vec3 place = placeOf(nodes[k]), to = movedOf(nodes[k]);
    vPlace += weight[k] * place;
    moved += weight[k] * to;
    dS += alongS[k] * to;
    dT += alongT[k] * to;
    vValue += weight[k] * valueOf(nodes[k]);
  }
  vNormal = cross(dS, dT);
  vSpot = vec3(r, s, t);
  vNumber = uint(gl_InstanceID);
  gl_Position = uWallOnly && aWall == 0u ? vec4(0, 0, 2, 1) : uView * vec4(moved, 1);
}`;

const CUT = `${NODES}
in uvec2 aNodes;
in float aShare;
out vec3 vPlace, vNormal, vSpot;
out float vValue;
flat out uint vNumber;
void main() {
  vPlace = mix(placeOf(aNodes.x), placeOf(aNodes.y), aShare);
  vValue = mix(valueOf(aNodes.x), valueOf(aNodes.y), aShare);
  vNormal = vec3(0);
  int corner = gl_VertexID % 3;
  vSpot = vec3(corner == 0, corner == 1, corner == 2);
  vNumber = uint(gl_VertexID / 3);
  gl_Position = uView * vec4(mix(movedOf(aNodes.x), movedOf(aNodes.y), aShare), 1);
}`;

// Colours, and light from the lamps of the pictures (reports/theme.py).
const COLOURED = `#version 300 es
precision highp float; precision highp int;
uniform sampler2D uColours;
uniform vec2 uRange;
uniform float uOver;
uniform vec4 uPlain, uCut;
uniform vec3 uRight, uUp, uTowards, uOutline;
uniform bool uElements;
in vec3 vPlace, vNormal, vSpot;
in float vValue;
flat in uint vNumber;
out vec4 oColour;
vec3 coloured(float value) {
  float along = uOver > 0.0
    ? log(max(uRange.y * value / uOver, 1e-9)) / log(uRange.y / uRange.x)
    : (value - uRange.x) / (uRange.y - uRange.x);
  return texture(uColours, vec2((clamp(along, 0.0, 1.0) * 255.0 + 0.5) / 256.0, 0.5)).rgb;
}
void main() {
  vec3 spot = vSpot / max(fwidth(vSpot), 1e-9);
  vec3 normal = vec3(dot(vNormal, uRight), dot(vNormal, uUp), dot(vNormal, uTowards));
  float size = max(length(normal), 1e-30);
  normal *= (gl_FrontFacing ? 1.0 : -1.0) / size;
  float facing = abs(normal.z), outline = facing / max(fwidth(facing), 1e-9);
  if (dot(uCut.xyz, vPlace) > uCut.w) discard;
  vec3 colour = uPlain.a > 0.0 ? uPlain.rgb : coloured(vValue);
  if (size > 1e-29) {  // sections are not lit, so that their colours are those of the bar
    float light = 0.52 * max(dot(normal, vec3(-0.41, 0.61, 0.68)), 0.0)
      + 0.26 * max(dot(normal, vec3(0.79, 0.09, 0.61)), 0.0)
      + 0.26 * max(dot(normal, vec3(0.08, -0.78, 0.61)), 0.0) + 0.34 * max(normal.z, 0.0);
    colour *= 0.62 + 0.42 * light;
    if (uPlain.a == 0.0) colour = mix(uOutline, colour, 0.35 + 0.65 * smoothstep(0.6, 1.6, outline));
    if (uElements) colour = mix(uOutline, colour, 0.55 + 0.45 * smoothstep(0.2, 1.1, min(spot.x, min(spot.y, spot.z))));
  }
  oColour = vec4(colour, 1);
}`;

const PICKED = `#version 300 es
precision highp float; precision highp int;
uniform vec4 uCut;
uniform uint uKind;
in vec3 vPlace, vNormal, vSpot;
in float vValue;
flat in uint vNumber;
out uvec4 oPicked;
void main() {
  if (uKind == 1u && dot(uCut.xyz, vPlace) > uCut.w) discard;
  oPicked = uvec4(uKind, vNumber, floatBitsToUint(vSpot.y), floatBitsToUint(vSpot.z));
}`;

// A curved line through three nodes, as a ribbon of a width in pixels.
const LINE = `${NODES}
in vec2 aStep;
in uvec3 aEnds;
uniform vec2 uCanvas;
uniform float uWidth, uNearer;
out vec3 vPlace;
vec3 along(float t, vec3 a, vec3 b, vec3 middle) {
  return (1.0 - t) * (1.0 - 2.0*t) * a + t * (2.0*t - 1.0) * b + 4.0*t * (1.0 - t) * middle;
}
void main() {
  float t = aStep.x, ahead = t < 0.5 ? 0.05 : -0.05;
  vPlace = along(t, placeOf(aEnds.x), placeOf(aEnds.y), placeOf(aEnds.z));
  vec3 a = movedOf(aEnds.x), b = movedOf(aEnds.y), middle = movedOf(aEnds.z);
  vec4 here = uView * vec4(along(t, a, b, middle), 1), next = uView * vec4(along(t + ahead, a, b, middle), 1);
  vec2 way = (next.xy - here.xy) * uCanvas * sign(ahead);
  way /= max(length(way), 1e-9);
  here.xy += aStep.y * uWidth * vec2(-way.y, way.x) / uCanvas;
  here.z -= uNearer;  // so that the surface it lies on does not swallow it
  gl_Position = here;
}`;

// A straight line between two points of the border of a cut.
const BORDER = `${NODES}
in vec2 aStep;
in uvec4 aNodes;
in vec2 aShares;
uniform vec2 uCanvas;
uniform float uWidth, uNearer;
out vec3 vPlace;
void main() {
  vPlace = vec3(0);
  vec4 from = uView * vec4(mix(movedOf(aNodes.x), movedOf(aNodes.y), aShares.x), 1);
  vec4 to = uView * vec4(mix(movedOf(aNodes.z), movedOf(aNodes.w), aShares.y), 1);
  vec2 way = (to.xy - from.xy) * uCanvas;
  way /= max(length(way), 1e-9);
  vec4 here = aStep.x > 0.5 ? to : from;
  // A little longer at both ends, so that the pieces of a bent line leave no gaps.
  here.xy += uWidth * (aStep.y * vec2(-way.y, way.x) + 0.4 * (2.0 * aStep.x - 1.0) * way) / uCanvas;
  here.z -= uNearer;
  gl_Position = here;
}`;

const PLAIN_LINE = `#version 300 es
precision highp float;
uniform vec4 uCut;
uniform vec4 uColour;
in vec3 vPlace;
out vec4 oColour;
void main() {
  if (dot(uCut.xyz, vPlace) > uCut.w) discard;
  oColour = uColour;
}`;

const BODY = `#version 300 es
precision highp float;
in vec3 aPlace, aNormal;
uniform mat4 uView;
out vec3 vNormal;
void main() {
  vNormal = aNormal;
  gl_Position = uView * vec4(aPlace, 1);
}`;

const PALE = `#version 300 es
precision highp float;
uniform vec3 uRight, uUp, uTowards;
uniform vec4 uColour;
in vec3 vNormal;
out vec4 oColour;
void main() {
  vec3 normal = normalize(vec3(dot(vNormal, uRight), dot(vNormal, uUp), dot(vNormal, uTowards)));
  float light = max(dot(normal, vec3(-0.41, 0.61, 0.68)), 0.0) + 0.4 * max(normal.z, 0.0);
  oColour = vec4(uColour.rgb * min(0.78 + 0.26 * light, 1.05), uColour.a);
}`;
