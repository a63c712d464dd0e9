// The world is the patient's: RAS+ millimetres (x to the right, y to the front, z up). Planes are shown the
// radiological way: patient's right at the viewer's left, in sagittal slices he faces the viewer's left.

/** The planes: the directions of the world to which a picture's columns and rows count, their letters, and
 * the axis that scrolls. */
const PLANES = {
  axial: { right: [-1, 0, 0], down: [0, -1, 0], letters: "RLAP", axis: 2 },
  coronal: { right: [-1, 0, 0], down: [0, 0, -1], letters: "RLSI", axis: 1 },
  sagittal: { right: [0, -1, 0], down: [0, 0, -1], letters: "APSI", axis: 0 },
};

/** The patient's sides: their letters and directions in the world. */
const SIDES = {
  R: [1, 0, 0], L: [-1, 0, 0], A: [0, 1, 0], P: [0, -1, 0], S: [0, 0, 1], I: [0, 0, -1],
};

/** A 3x4 affine at a point. */
function applied(affine, p) {
  return affine.map((row) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + row[3]);
}

/** The linear part of a 3x4 affine, of a vector. */
function turned(affine, v) {
  return affine.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
}

function dot(a, b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** a + s b. */
function plus(a, b, s = 1) { return [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]]; }

function unit(a) { return a.map((value) => value / Math.hypot(...a)); }

/** The inverse of a 3x4 affine. */
function inverse(m) {
  const columns = [0, 1, 2].map((c) => m.map((row) => row[c]));
  const dual = [
    cross(columns[1], columns[2]), cross(columns[2], columns[0]), cross(columns[0], columns[1]),
  ];
  const determinant = dot(columns[0], dual[0]);
  const shift = m.map((row) => row[3]);
  return dual.map((row) => {
    const line = row.map((value) => value / determinant);
    return [...line, -dot(line, shift)];
  });
}

/** The pixels of a plane's picture, placed in the world: `size` mm a pixel, `center` in the middle. */
class Raster {
  constructor(plane, width, height, size, center) {
    Object.assign(this, { plane, width, height, size, center });
  }

  /** The world point of a pixel position; (0, 0) is the centre of the top left pixel. */
  point(x, y) {
    const { right, down } = PLANES[this.plane];
    const p = plus(this.center, right, (x - (this.width - 1) / 2) * this.size);
    return plus(p, down, (y - (this.height - 1) / 2) * this.size);
  }

  /** The pixel position over which a world point lies. */
  pixel(p) {
    const { right, down } = PLANES[this.plane], offset = plus(p, this.center, -1);
    return [
      dot(offset, right) / this.size + (this.width - 1) / 2,
      dot(offset, down) / this.size + (this.height - 1) / 2,
    ];
  }
}
