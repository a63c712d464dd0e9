// Volumes and pictures as they are embedded: gzip in base64; 16-bit numbers as differences from the number
// before, low bytes first, then high bytes.

/** The bytes of an embedded block. */
async function inflated(id) {
  const text = atob(document.getElementById(id).textContent);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The numbers of a block: 8-bit as they are, 16-bit put together from their differences. */
async function numbers(block) {
  const bytes = await inflated(block.data);
  if (block.type === "uint8") return bytes;
  const count = bytes.length / 2;
  const values = block.type === "int16" ? new Int16Array(count) : new Uint16Array(count);
  let value = 0;
  for (let i = 0; i < count; i++) {
    value = (value + bytes[i] + (bytes[count + i] << 8)) & 0xffff;
    values[i] = value;
  }
  return values;
}

/** A volume: numbers, shape (nx, ny, nz; x fastest) and its place in the world (RAS+ mm). */
class Volume {
  constructor(block, values) {
    Object.assign(this, block, { values });
    this.toVoxel = inverse(block.affine);
    this.box = this.worldBox();
  }

  static async decode(block) { return new Volume(block, await numbers(block)); }

  /** The box of the world around all voxels, their outer faces included: [low, high]. */
  worldBox() {
    const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
    for (let corner = 0; corner < 8; corner++) {
      const index = this.shape.map((n, axis) => (corner >> axis & 1 ? n - 0.5 : -0.5));
      applied(this.affine, index).forEach((value, axis) => {
        low[axis] = Math.min(low[axis], value);
        high[axis] = Math.max(high[axis], value);
      });
    }
    return [low, high];
  }

  /** The distance between voxel centres along a world axis, mm: what a step of scrolling is. */
  step(axis) {
    const along = [0, 1, 2].map((column) => Math.abs(this.affine[axis][column]));
    return Math.max(...along);
  }

  contains(i, j, k) {
    const [nx, ny, nz] = this.shape;
    return i >= -0.5 && j >= -0.5 && k >= -0.5 && i < nx - 0.5 && j < ny - 0.5 && k < nz - 0.5;
  }

  /** The value of the nearest voxel at a voxel position; NaN outside. */
  nearest(i, j, k) {
    if (!this.contains(i, j, k)) return NaN;
    const [nx, ny] = this.shape;
    return this.values[(Math.round(k) * ny + Math.round(j)) * nx + Math.round(i)];
  }

  /** The trilinear value at a voxel position; the outermost half voxel repeats its centre. NaN outside. */
  linear(i, j, k) {
    if (!this.contains(i, j, k)) return NaN;
    const [nx, ny, nz] = this.shape, v = this.values;
    i = Math.min(Math.max(i, 0), nx - 1);
    j = Math.min(Math.max(j, 0), ny - 1);
    k = Math.min(Math.max(k, 0), nz - 1);
    const i0 = i | 0, j0 = j | 0, k0 = k | 0, u = i - i0, w = j - j0, t = k - k0;
    const a = (k0 * ny + j0) * nx + i0;
    const dx = i0 + 1 < nx ? 1 : 0, dy = j0 + 1 < ny ? nx : 0, dz = k0 + 1 < nz ? nx * ny : 0;
    const low = (v[a] * (1 - u) + v[a + dx] * u) * (1 - w) + (v[a + dy] * (1 - u) + v[a + dy + dx] * u) * w;
    if (t === 0) return low;
    const b = a + dz;
    const up = (v[b] * (1 - u) + v[b + dx] * u) * (1 - w) + (v[b + dy] * (1 - u) + v[b + dy + dx] * u) * w;
    return low * (1 - t) + up * t;
  }

  /** The value at a world point: trilinear, of labels the nearest. */
  at(point) {
    const index = applied(this.toVoxel, point);
    return this.type === "uint8" ? this.nearest(...index) : this.linear(...index);
  }
}
