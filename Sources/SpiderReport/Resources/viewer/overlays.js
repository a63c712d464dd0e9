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

/** Labels and uncertainty of a picture, laid over its pixels. */
class Overlay {
  /** @param colors the label's colours by value; those that are missing are not shown. */
  constructor(volume, colors, opacity) {
    Object.assign(this, { volume, colors, opacity });
  }

  /** Fills areas thinly and draws their borders: what lies below stays to be read. */
  paintLabels(pixels, raster) {
    const { width, height } = raster, labels = new Uint8Array(width * height);
    forEachPixel(this.volume, raster, true, (index, value) => { labels[index] = value || 0; });
    for (let y = 0, index = 0; y < height; y++) {
      for (let x = 0; x < width; x++, index++) {
        const label = labels[index], color = this.colors[label];
        if (!color) continue;
        const isBorder = (x + 1 < width && labels[index + 1] !== label)
          || (x > 0 && labels[index - 1] !== label) || (y > 0 && labels[index - width] !== label)
          || (y + 1 < height && labels[index + width] !== label);
        lay(pixels, index, color, this.opacity * (isBorder ? 1 : 0.45));
      }
    }
  }

  /** The more uncertain, the less is seen of what lies below. */
  paintUncertainty(pixels, raster, most) {
    forEachPixel(this.volume, raster, false, (index, value) => {
      if (!(value > 0)) return;
      const share = Math.min(value / most, 1);
      lay(pixels, index, [235, 60 + 130 * share, 190], this.opacity * share);
    });
  }
}

function lay(pixels, index, color, opacity) {
  for (let c = 0; c < 3; c++) {
    pixels[4 * index + c] += (color[c] - pixels[4 * index + c]) * opacity;
  }
}
