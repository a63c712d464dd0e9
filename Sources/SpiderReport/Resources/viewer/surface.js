// The bone as a surface that turns: rays are cast through the volume on the graphics card (WebGL2).

const VERTEX = `#version 300 es
out vec2 place;
void main() {
  place = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(place, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler3D;
uniform sampler3D volume;
uniform mat4 toTexture;  // world mm to texture, 0 to 1
uniform vec3 center, right, up, forward;
uniform vec2 halfSize;   // mm
uniform float level, stepSize, reach;
uniform vec3 texel;
in vec2 place;
out vec4 color;
float hounsfield(vec3 t) { return texture(volume, t).r; }
void main() {
  vec3 start = center + right * place.x * halfSize.x + up * place.y * halfSize.y - forward * reach;
  vec3 a = (toTexture * vec4(start, 1.0)).xyz, d = mat3(toTexture) * forward;
  vec3 first = -a / d, last = (1.0 - a) / d;
  vec3 low = min(first, last), high = max(first, last);
  float near = max(max(low.x, low.y), max(low.z, 0.0)), far = min(high.x, min(high.y, high.z));
  color = vec4(0.067, 0.075, 0.094, 1.0);
  bool isHit = false;
  float s = near;
  for (int i = 0; i < 2048 && s < far; i++, s += stepSize) {
    if (hounsfield(a + d * s) >= level) { isHit = true; break; }
  }
  if (!isHit) return;
  float outer = max(s - stepSize, near), inner = s;
  for (int i = 0; i < 6; i++) {
    float middle = 0.5 * (outer + inner);
    if (hounsfield(a + d * middle) >= level) inner = middle; else outer = middle;
  }
  vec3 t = a + d * inner, slope = vec3(0.0);
  for (int axis = 0; axis < 3; axis++) {
    vec3 h = vec3(0.0);
    h[axis] = 1.25 * texel[axis];
    slope[axis] = (hounsfield(t + h) - hounsfield(t - h)) / (2.0 * h[axis]);
  }
  vec3 normal = normalize(-(transpose(mat3(toTexture)) * slope) + 1e-6 * forward);
  float light = max(dot(normal, normalize(0.45 * up - 0.3 * right - forward)), 0.0);
  float facing = max(dot(normal, -forward), 0.0);
  float depth = clamp(1.12 - 0.5 * (inner - near) / max(far - near, 1.0), 0.55, 1.0);
  vec3 bone = vec3(0.93, 0.89, 0.80);
  vec3 shine = vec3(0.25) * pow(light, 24.0);
  color = vec4((bone * (0.16 + 0.62 * light + 0.22 * facing) + shine) * depth, 1.0);
}`;

/** The graphics of one canvas; throws where there is no WebGL2. */
class SurfaceGraphics {
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("this browser gives no WebGL2");
    this.gl = gl;
    this.program = this.linked();
    gl.useProgram(this.program);
  }

  linked() {
    const gl = this.gl, program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new Error("the graphics card refuses the surface's program");
    }
    return program;
  }

  /** Gives the card a volume. */
  load(volume) {
    const gl = this.gl;
    if (this.texture) gl.deleteTexture(this.texture);
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_3D, this.texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.R16F, ...volume.shape, 0, gl.RED, gl.FLOAT,
      Float32Array.from(volume.values));
    for (const name of ["TEXTURE_MIN_FILTER", "TEXTURE_MAG_FILTER"]) {
      gl.texParameteri(gl.TEXTURE_3D, gl[name], gl.LINEAR);
    }
    for (const name of ["TEXTURE_WRAP_S", "TEXTURE_WRAP_T", "TEXTURE_WRAP_R"]) {
      gl.texParameteri(gl.TEXTURE_3D, gl[name], gl.CLAMP_TO_EDGE);
    }
    const rows = volume.toVoxel.map((row, axis) =>
      row.map((value, c) => (value + (c === 3 ? 0.5 : 0)) / volume.shape[axis]));
    const matrix = [0, 1, 2, 3].flatMap((c) => [rows[0][c], rows[1][c], rows[2][c], c === 3 ? 1 : 0]);
    gl.uniformMatrix4fv(this.place("toTexture"), false, matrix);
    gl.uniform3fv(this.place("texel"), volume.shape.map((n) => 1 / n));
    const spacing = Math.min(volume.step(0), volume.step(1), volume.step(2));
    gl.uniform1f(this.place("stepSize"), 0.7 * spacing);
  }

  place(name) { return this.gl.getUniformLocation(this.program, name); }

  draw(camera, level, width, height) {
    const gl = this.gl;
    gl.canvas.width = width;
    gl.canvas.height = height;
    gl.viewport(0, 0, width, height);
    for (const name of ["center", "right", "up", "forward"]) {
      gl.uniform3fv(this.place(name), camera[name]);
    }
    gl.uniform2fv(this.place("halfSize"), camera.halfSize(width, height));
    gl.uniform1f(this.place("level"), level);
    gl.uniform1f(this.place("reach"), camera.reach);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

/** The eye: parallel rays, from degrees about the head (0: from the front; 90: from the patient's right). */
class Camera {
  constructor(box) {
    this.center = plus(box[0], box[1]).map((value) => value / 2);
    this.side = Math.max(...plus(box[1], box[0], -1)) * 1.02;
    this.reach = this.side * 2;
    this.zoom = 1;
    this.turn(35, 10);
  }

  turn(azimuth, elevation) {
    this.azimuth = azimuth;
    this.elevation = Math.min(Math.max(elevation, -90), 90);
    const a = azimuth * Math.PI / 180, e = this.elevation * Math.PI / 180;
    this.forward = [-Math.sin(a) * Math.cos(e), -Math.cos(a) * Math.cos(e), -Math.sin(e)];
    // Seen from the front, the patient's left is at the viewer's right.
    this.right = [-Math.cos(a), Math.sin(a), 0];
    this.up = cross(this.right, this.forward);
  }

  halfSize(width, height) {
    const scale = this.side / Math.min(width, height) / 2 / this.zoom;
    return [width * scale, height * scale];
  }

  /** The place of a world point in a picture, in shares of its width and height. */
  project(p, width, height) {
    const [x, y] = this.halfSize(width, height), offset = plus(p, this.center, -1);
    return [0.5 + dot(offset, this.right) / x / 2, 0.5 - dot(offset, this.up) / y / 2];
  }

  /** The first point of a volume at or over a level under a place of the picture; null: none. */
  pick(volume, level, place, width, height) {
    const [x, y] = this.halfSize(width, height);
    let p = plus(this.center, this.right, (2 * place[0] - 1) * x);
    p = plus(p, this.up, (1 - 2 * place[1]) * y);
    for (let s = -this.reach; s < this.reach; s += 0.5) {
      const point = plus(p, this.forward, s);
      if (volume.at(point) >= level) return point;
    }
    return null;
  }
}
