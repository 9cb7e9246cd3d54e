// Thin help around WebGL 2.

const ROW = 2048;  // nodes to a row of a texture; the shaders know it

function compiled(gl, vertex, fragment) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(program).map(shader => gl.getShaderInfoLog(shader));
    throw new Error(["a program for the graphics card does not compile", ...logs].join(" "));
  }
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const { name, type } = gl.getActiveUniform(program, i);
    uniforms[name] = { at: gl.getUniformLocation(program, name), type };
  }
  return { program, uniforms };
}

// Make a program current, with some of its uniforms; those that it lacks are passed over, as a shader drops what it
// does not use.
function use(gl, { program, uniforms }, values) {
  gl.useProgram(program);
  for (const [name, value] of Object.entries(values)) {
    if (!uniforms[name]) continue;
    const { at, type } = uniforms[name];
    if (type === gl.FLOAT) gl.uniform1f(at, value);
    else if (type === gl.FLOAT_VEC2) gl.uniform2fv(at, value);
    else if (type === gl.FLOAT_VEC3) gl.uniform3fv(at, value);
    else if (type === gl.FLOAT_VEC4) gl.uniform4fv(at, value);
    else if (type === gl.FLOAT_MAT4) gl.uniformMatrix4fv(at, false, value);
    else if (type === gl.UNSIGNED_INT) gl.uniform1ui(at, value);
    else gl.uniform1i(at, value);
  }
}

// A texture of one value or one vector to a node.
function nodeTexture(gl, values, size, unit, texture = gl.createTexture()) {
  const rows = Math.max(Math.ceil(values.length / size / ROW), 1), wide = size === 1 ? 1 : 4;
  const filled = new Float32Array(rows * ROW * wide);
  if (size === 1) filled.set(values);
  else for (let i = 0; i < values.length / 3; i++) filled.set(values.subarray(3 * i, 3 * i + 3), 4 * i);
  const [inside, format] = size === 1 ? [gl.R32F, gl.RED] : [gl.RGBA32F, gl.RGBA];
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, ROW, rows, 0, format, gl.FLOAT, filled);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  return texture;
}

function colourTexture(gl, colours, unit) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  const bytes = new Uint8Array(colours.flatMap(colour => [...channels(colour).map(c => Math.round(255 * c)), 255]));
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, colours.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.LINEAR);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
}

// "#rrggbb" as three shares of one.
const channels = colour => [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16) / 255);

// Vertex data of a program: per name the array, numbers to a vertex, and whether it goes by instance.
function vertices(gl, { program }, attributes, index = null) {
  const array = gl.createVertexArray(), buffers = {};
  gl.bindVertexArray(array);
  for (const [name, [data, size, each]] of Object.entries(attributes)) {
    const at = gl.getAttribLocation(program, name);
    buffers[name] = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    if (at < 0) continue;
    gl.enableVertexAttribArray(at);
    if (data instanceof Float32Array) gl.vertexAttribPointer(at, size, gl.FLOAT, false, 0, 0);
    else gl.vertexAttribIPointer(at, size, data instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.UNSIGNED_INT, 0, 0);
    if (each) gl.vertexAttribDivisor(at, 1);
  }
  if (index) {
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
  }
  gl.bindVertexArray(null);
  return { array, buffers };
}

function dropVertices(gl, { array, buffers }) {
  gl.deleteVertexArray(array);
  Object.values(buffers).forEach(buffer => gl.deleteBuffer(buffer));
}
