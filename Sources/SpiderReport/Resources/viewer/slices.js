// A slice as grey values: sampling along a raster, the window, the blend with the truth, the error.

/** The voxel position of a raster's first pixel, and its steps along columns and rows. */
function walk(volume, raster) {
  const { right, down } = PLANES[raster.plane];
  const step = (direction) => turned(volume.toVoxel, direction.map((value) => value * raster.size));
  return [applied(volume.toVoxel, raster.point(0, 0)), step(right), step(down)];
}

/** The values of a volume under a raster, trilinear as `Volume.linear` defines it; NaN outside. */
function sampled(volume, raster) {
  const { width, height } = raster, v = volume.values, [nx, ny, nz] = volume.shape;
  const [start, across, down] = walk(volume, raster), slice = nx * ny;
  const result = new Float32Array(width * height).fill(NaN);
  for (let y = 0, index = 0; y < height; y++) {
    let i = start[0] + y * down[0], j = start[1] + y * down[1], k = start[2] + y * down[2];
    for (let x = 0; x < width; x++, index++, i += across[0], j += across[1], k += across[2]) {
      if (!(i >= -0.5 && j >= -0.5 && k >= -0.5 && i < nx - 0.5 && j < ny - 0.5 && k < nz - 0.5)) continue;
      const i1 = i < 0 ? 0 : i > nx - 1 ? nx - 1 : i, j1 = j < 0 ? 0 : j > ny - 1 ? ny - 1 : j;
      const k1 = k < 0 ? 0 : k > nz - 1 ? nz - 1 : k;
      const i0 = i1 | 0, j0 = j1 | 0, k0 = k1 | 0, u = i1 - i0, w = j1 - j0, t = k1 - k0;
      const dx = u > 0 ? 1 : 0, dy = w > 0 ? nx : 0, a = k0 * slice + j0 * nx + i0;
      let value = v[a] + (v[a + dx] - v[a]) * u;
      if (w > 0) value += (v[a + dy] + (v[a + dy + dx] - v[a + dy]) * u - value) * w;
      if (t > 0) {
        const b = a + slice;
        let next = v[b] + (v[b + dx] - v[b]) * u;
        if (w > 0) next += (v[b + dy] + (v[b + dy + dx] - v[b + dy]) * u - next) * w;
        value += (next - value) * t;
      }
      result[index] = value;
    }
  }
  return result;
}

/** The labels under a raster, each pixel the nearest voxel's; 0 outside. */
function sampledLabels(volume, raster) {
  const { width, height } = raster, v = volume.values, [nx, ny, nz] = volume.shape;
  const [start, across, down] = walk(volume, raster), result = new Uint8Array(width * height);
  for (let y = 0, index = 0; y < height; y++) {
    let i = start[0] + y * down[0] + 0.5, j = start[1] + y * down[1] + 0.5, k = start[2] + y * down[2] + 0.5;
    for (let x = 0; x < width; x++, index++, i += across[0], j += across[1], k += across[2]) {
      if (!(i >= 0 && j >= 0 && k >= 0 && i < nx && j < ny && k < nz)) continue;
      result[index] = v[((k | 0) * ny + (j | 0)) * nx + (i | 0)];
    }
  }
  return result;
}

/** What was sampled last under a panel's raster: a change of the window samples nothing anew. */
class Samples {
  of(volume, raster) {
    const place = JSON.stringify(raster);
    if (place !== this.place) this.known = new Map();
    this.place = place;
    if (!this.known.has(volume)) {
      const isLabels = volume.type === "uint8";
      this.known.set(volume, (isLabels ? sampledLabels : sampled)(volume, raster));
    }
    return this.known.get(volume);
  }
}

/** CT numbers as metrics see them. */
function clipped(value) { return Math.min(Math.max(value, -1000), 2000); }

/** A pixel of an image as one number. */
function packed([red, green, blue]) { return (0xff000000 | blue << 16 | green << 8 | red) >>> 0; }

/** Paints a slice in grey; `truth` is mixed in by its share. */
function paintGrey(pixels, values, truth, share, window) {
  const whole = new Uint32Array(pixels.buffer), nothing = packed(NOTHING);
  const scale = 255 / (window.high - window.low);
  for (let index = 0; index < values.length; index++) {
    const value = share > 0 ? values[index] * (1 - share) + truth[index] * share : values[index];
    const grey = Math.min(Math.max(Math.round((value - window.low) * scale), 0), 255);
    whole[index] = value === value ? 0xff000000 | grey * 0x10101 : nothing;
  }
}

/** Paints the absolute difference from the truth. */
function paintError(pixels, values, truth) {
  const whole = new Uint32Array(pixels.buffer), nothing = packed(NOTHING);
  const colors = Uint32Array.from({ length: 256 }, (_, level) => packed(heat(level / 255)));
  for (let index = 0; index < values.length; index++) {
    const error = Math.abs(clipped(values[index]) - clipped(truth[index]));
    whole[index] = error === error ? colors[Math.min(Math.round(error / ERROR_RANGE * 255), 255)] : nothing;
  }
}

/** Paints what a panel shows: `what` is a volume's number in the scene, or "error". */
function paintSlice(canvas, raster, samples, scene, view, what) {
  const { width, height } = raster, context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = context.createImageData(width, height);
  const number = what === "error" ? view.answer : what;
  const values = samples.of(scene.volumes[number], raster);
  const isMixed = what !== "error" && scene.truth !== null && number !== scene.truth && view.blend > 0;
  const truth = what === "error" || isMixed ? samples.of(scene.volumes[scene.truth], raster) : null;
  if (what === "error") paintError(image.data, values, truth);
  else paintGrey(image.data, values, truth, isMixed ? view.blend : 0, view.window);
  const labels = scene.labels[number];
  if (labels && what !== "error" && view.labels > 0) {
    paintLabels(image.data, samples.of(labels, raster), width, scene.colors, view.labels);
  }
  if (scene.uncertainty && number === scene.uncertaintyOf && view.uncertainty > 0) {
    const sigma = samples.of(scene.uncertainty, raster);
    paintUncertainty(image.data, sigma, scene.uncertainty.most, view.uncertainty);
  }
  context.putImageData(image, 0, 0);
}
