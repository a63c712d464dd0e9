// The X-rays, what the volume would give in their place, and what is left over.

/** An X-ray's numbers, its re-projection's, and the place of the detector. */
class View {
  static async decode(block) {
    const view = Object.assign(new View(), block);
    const scale = (values) => Float32Array.from(values, (v) => block.offset + v * block.slope);
    view.measured = scale(await numbers(block.measured));
    view.reprojected = block.reprojected ? scale(await numbers(block.reprojected)) : null;
    view.mask = block.mask ? await numbers(block.mask) : null;
    return view;
  }

  /** The pixel (column, row) over which a world point lies. */
  project(p) {
    const [u, v, w] = applied(this.matrix, p);
    return [u / w, v / w];
  }

  /** The point on the ray of a pixel that is nearest to a world point. */
  pointOnRay(column, row, near) {
    const pixel = plus(plus(this.origin, this.columnStep, column), this.rowStep, row);
    const direction = unit(this.source ? plus(pixel, this.source, -1) : this.direction);
    return plus(pixel, direction, dot(plus(near, pixel, -1), direction));
  }

  counts(index) { return !this.mask || this.mask[index] === 1; }
}

/** One picture of a view: "X-ray", "re-projection" or "residual". */
class ViewPanel extends Panel {
  constructor(view, kind) {
    super(kind === "X-ray" ? `${view.title} · X-ray` : kind, view.letters);
    this.view = view;
    this.kind = kind;
    this.frame.classList.add("film");
    this.frame.dataset.film = kind;
    this.body.style.aspectRatio = view.aspect;
    this.mark = this.addMark("mark");
  }

  paint(scene, view) {
    const film = this.view, key = JSON.stringify(film.window);
    if (key !== this.key) this.draw();
    this.key = key;
    const [column, row] = film.project(view.cross);
    const x = (column + 0.5) / film.columns, y = (row + 0.5) / film.rows;
    Object.assign(this.mark.style, { left: `${100 * x}%`, top: `${100 * y}%` });
    this.mark.hidden = !view.hair || !(x >= 0 && x <= 1 && y >= 0 && y <= 1);
  }

  draw() {
    const film = this.view, { low, high } = film.window;
    Object.assign(this.canvas, { width: film.columns, height: film.rows });
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(film.columns, film.rows), pixels = image.data;
    for (let index = 0; index < film.measured.length; index++) {
      const grey = (value) => Array(3).fill(255 * (value - low) / (high - low));
      let color = NOTHING;
      if (film.counts(index) || this.kind === "re-projection") {
        const left = film.reprojected ? film.measured[index] - film.reprojected[index] : 0;
        color = this.kind === "X-ray" ? grey(film.measured[index])
          : this.kind === "residual" ? diverging(left / (high - low) / 0.25)
            : grey(film.reprojected[index]);
      }
      for (let c = 0; c < 3; c++) pixels[4 * index + c] = color[c];
      pixels[4 * index + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  /** The pixel under a pointer. */
  pixel(event) {
    const [x, y] = this.place(event), [width, height] = this.size;
    return [x / width * this.view.columns - 0.5, y / height * this.view.rows - 0.5];
  }

  /** The numbers under a pointer, in words. */
  words(event) {
    const film = this.view;
    const [column, row] = this.pixel(event).map(Math.round);
    if (!(column >= 0 && row >= 0 && column < film.columns && row < film.rows)) return "";
    const index = row * film.columns + column, unit = film.absolute ? "line integral" : "relative";
    if (!film.counts(index)) return `${film.title}: column ${column}, row ${row}: does not count`;
    const parts = [`${film.title}: column ${column}, row ${row}: ${fixed(film.measured[index], 3)} (${unit})`];
    if (film.reprojected) {
      parts.push(`re-projection ${fixed(film.reprojected[index], 3)}`,
        `residual ${fixed(film.measured[index] - film.reprojected[index], 3)}`);
    }
    return parts.join(" · ");
  }
}
