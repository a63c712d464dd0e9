// Colours: labels, uncertainty, error, residual.

/** What lies outside a volume. */
const NOTHING = [27, 30, 36];
/** The error that is shown brightest, HU. */
const ERROR_RANGE = 500;

/** Black, red, yellow, white for 0 to 1. */
function heat(t) {
  t = Math.min(Math.max(t, 0), 1) * 3;
  return [Math.min(t, 1) * 255, Math.min(Math.max(t - 1, 0), 1) * 255, Math.max(t - 2, 0) * 255];
}

/** Blue, dark, orange for -1, 0, 1. */
function diverging(t) {
  t = Math.min(Math.max(t, -1), 1);
  const a = Math.abs(t), dark = [22, 24, 29];
  const end = t > 0 ? [255, 150, 50] : [80, 160, 255];
  return dark.map((value, c) => value + (end[c] - value) * a);
}

/** Lays labels over pixels: fills areas thinly and draws their borders, so that what lies below stays to be
 * read. `colors` are by value; labels without one are not shown. */
function paintLabels(pixels, labels, width, colors, opacity) {
  const height = labels.length / width;
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      const label = labels[index], color = colors[label];
      if (!color) continue;
      const isBorder = (x + 1 < width && labels[index + 1] !== label)
        || (x > 0 && labels[index - 1] !== label) || (y > 0 && labels[index - width] !== label)
        || (y + 1 < height && labels[index + width] !== label);
      lay(pixels, index, color, opacity * (isBorder ? 1 : 0.45));
    }
  }
}

/** The tint of an uncertainty, 0 to 1. */
function uncertaintyColor(share) { return [235, 190 - 130 * share, 190]; }

/** Lays uncertainty over pixels: the more uncertain, the less is seen of what lies below. */
function paintUncertainty(pixels, sigma, most, opacity) {
  for (let index = 0; index < sigma.length; index++) {
    if (!(sigma[index] > 0)) continue;
    const share = Math.min(sigma[index] / most, 1);
    lay(pixels, index, uncertaintyColor(share), opacity * share);
  }
}

function lay(pixels, index, color, opacity) {
  for (let c = 4 * index, n = 0; n < 3; c++, n++) pixels[c] += (color[n] - pixels[c]) * opacity;
}
