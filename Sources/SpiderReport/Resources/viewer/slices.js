// A slice as grey values: sampling along a raster, the window, the blend with the truth, the error.

/** Calls `body(index, value)` for every pixel of a raster; NaN outside the volume. */
function forEachPixel(volume, raster, isNearest, body) {
  const plane = PLANES[raster.plane];
  const start = applied(volume.toVoxel, raster.point(0, 0));
  const across = turned(volume.toVoxel, plane.right.map((value) => value * raster.size));
  const down = turned(volume.toVoxel, plane.down.map((value) => value * raster.size));
  let index = 0;
  for (let y = 0; y < raster.height; y++) {
    let i = start[0] + y * down[0], j = start[1] + y * down[1], k = start[2] + y * down[2];
    for (let x = 0; x < raster.width; x++) {
      body(index++, isNearest ? volume.nearest(i, j, k) : volume.linear(i, j, k));
      i += across[0];
      j += across[1];
      k += across[2];
    }
  }
}

/** The values of a volume under a raster. */
function sampled(volume, raster) {
  const values = new Float32Array(raster.width * raster.height);
  forEachPixel(volume, raster, false, (index, value) => { values[index] = value; });
  return values;
}

/** CT numbers as metrics see them. */
function clipped(value) { return Math.min(Math.max(value, -1000), 2000); }

/** Paints a slice in grey; `truth` is mixed in by its share. */
function paintGrey(pixels, values, truth, share, window) {
  const scale = 255 / (window.high - window.low);
  for (let index = 0; index < values.length; index++) {
    let value = values[index];
    if (share > 0) value = value * (1 - share) + truth[index] * share;
    const isKnown = value === value;
    const grey = (value - window.low) * scale;
    for (let c = 0; c < 3; c++) pixels[4 * index + c] = isKnown ? grey : NOTHING[c];
    pixels[4 * index + 3] = 255;
  }
}

/** Paints the absolute difference from the truth. */
function paintError(pixels, values, truth) {
  for (let index = 0; index < values.length; index++) {
    const error = Math.abs(clipped(values[index]) - clipped(truth[index]));
    const color = error === error ? heat(error / ERROR_RANGE) : NOTHING;
    for (let c = 0; c < 3; c++) pixels[4 * index + c] = color[c];
    pixels[4 * index + 3] = 255;
  }
}

/** Paints what a panel shows: `what` is a volume's number in the scene, or "error". */
function paintSlice(canvas, raster, scene, view, what) {
  canvas.width = raster.width;
  canvas.height = raster.height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(raster.width, raster.height);
  const number = what === "error" ? view.answer : what;
  const values = sampled(scene.volumes[number], raster);
  const isMixed = what !== "error" && scene.truth !== null && number !== scene.truth && view.blend > 0;
  const truth = what === "error" || isMixed ? sampled(scene.volumes[scene.truth], raster) : null;
  if (what === "error") paintError(image.data, values, truth);
  else paintGrey(image.data, values, truth, isMixed ? view.blend : 0, view.window);
  const labels = scene.labels[number];
  if (labels && view.labels > 0) {
    new Overlay(labels, scene.colors, view.labels).paintLabels(image.data, raster);
  }
  const uncertainty = scene.uncertainty;
  if (uncertainty && number === scene.uncertaintyOf && view.uncertainty > 0) {
    new Overlay(uncertainty, null, view.uncertainty)
      .paintUncertainty(image.data, raster, uncertainty.most);
  }
  context.putImageData(image, 0, 0);
}
