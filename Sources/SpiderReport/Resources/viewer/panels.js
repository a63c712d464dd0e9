// Panels: a plane's slice, or the surface, with letters, cross-hair and slider.

/** The lengths of scale bars, mm. */
const LENGTHS = [100, 50, 20, 10, 5, 2, 1];

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A number with so many decimals; never "-0.0". */
function fixed(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/** What all panels have: a frame with a title, a canvas, and letters at its edges. */
class Panel {
  constructor(title, letters) {
    this.frame = element("div", "panel");
    this.frame.tabIndex = 0;
    this.body = element("div", "body");
    this.canvas = element("canvas");
    this.body.append(this.canvas);
    ["left", "right", "top", "bottom"].forEach((edge, i) => {
      if (letters) this.body.append(element("span", "letter " + edge, letters[i]));
    });
    this.title = element("span", "title", title);
    this.frame.setAttribute("aria-label", title);
    this.body.append(this.title);
    this.frame.append(this.body);
  }

  /** The size of the picture on the screen, CSS pixels. */
  get size() { return [Math.max(this.body.clientWidth, 1), Math.max(this.body.clientHeight, 1)]; }

  /** A pointer's place, CSS pixels from the top left corner. */
  place(event) {
    const bounds = this.body.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  }

  addMark(className) {
    const mark = element("span", className);
    this.body.append(mark);
    return mark;
  }
}

/** A slice of a plane. `what` is a volume's number, "shown" (as chosen), "answer" or "error". */
class SlicePanel extends Panel {
  constructor(plane, what) {
    super(plane, PLANES[plane].letters);
    this.plane = plane;
    this.what = what;
    this.frame.dataset.plane = plane;
    this.samples = new Samples();
    this.lines = [this.addMark("hair across"), this.addMark("hair down")];
    this.note = this.addMark("note");
    this.bar = this.addMark("bar");
    this.slider = element("input", "slider");
    this.slider.type = "range";
    this.slider.setAttribute("aria-label", `${plane} slice, mm`);
    this.frame.append(this.slider);
  }

  /** The millimetres of a CSS pixel at which the scene fits. */
  fit(scene) {
    const { right, down } = PLANES[this.plane], extent = plus(scene.box[1], scene.box[0], -1);
    const [width, height] = this.size;
    return Math.max(Math.abs(dot(extent, right)) / width, Math.abs(dot(extent, down)) / height);
  }

  paint(scene, view, scale) {
    const axis = PLANES[this.plane].axis, center = [...view.center];
    center[axis] = view.cross[axis];
    const [width, height] = this.size;
    this.onScreen = new Raster(this.plane, width, height, scale, center);
    // Finer than half a voxel shows nothing new; the browser smooths.
    const finest = Math.min(...[0, 1, 2].map((a) => scene.volumes[0].step(a))) / 3;
    const factor = Math.max(Math.min(scale / finest, window.devicePixelRatio || 1), 0.25);
    const raster = new Raster(
      this.plane, Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor)),
      scale / factor, center);
    const what = this.what === "shown" ? shownOf(scene, view)
      : this.what === "answer" ? view.answer : this.what;
    const key = JSON.stringify([
      what, raster, view.window, view.labels, view.uncertainty, view.blend, view.answer, scene.number,
    ]);
    if (key !== this.key) paintSlice(this.canvas, raster, this.samples, scene, view, what);
    this.key = key;
    this.title.textContent = `${this.plane} · ${nameOf(scene, view, what)}`;
    this.note.textContent = `${"xyz"[axis]} = ${fixed(view.cross[axis], 1)} mm`;
    this.showBar(width, scale);
    this.showHair(view);
    this.showSlider(scene, axis, view.cross[axis]);
  }

  /** The scale: the longest bar of a round length that takes no more than a third of the width. */
  showBar(width, scale) {
    const length = LENGTHS.find((mm) => mm / scale <= width / 3) || LENGTHS.at(-1);
    this.bar.style.width = `${length / scale}px`;
    this.bar.textContent = length < 10 ? `${length} mm` : `${length / 10} cm`;
  }

  showHair(view) {
    const [x, y] = this.onScreen.pixel(view.cross);
    this.lines[0].style.top = `${y + 0.5}px`;
    this.lines[1].style.left = `${x + 0.5}px`;
    for (const line of this.lines) line.hidden = !view.hair;
  }

  showSlider(scene, axis, value) {
    Object.assign(this.slider, {
      min: scene.box[0][axis], max: scene.box[1][axis], step: scene.volumes[0].step(axis) / 2, value,
    });
  }
}

/** The number of the volume that is chosen, or "error". */
function shownOf(scene, view) {
  if (view.shown === "truth" && scene.truth !== null) return scene.truth;
  return view.shown === "error" && scene.truth !== null ? "error" : view.answer;
}

function nameOf(scene, view, what) {
  if (what === "error") {
    const of = scene.answers.length > 1 ? ` of ${scene.volumes[view.answer].name}` : "";
    return `error${of}`;
  }
  const blended = view.blend > 0 && scene.truth !== null && what !== scene.truth;
  return scene.volumes[what].name + (blended ? ` + ${Math.round(100 * view.blend)} % truth` : "");
}

/** The surface. Without WebGL2 it shows the still picture that came with the page, and says so. */
class SurfacePanel extends Panel {
  constructor(still) {
    super("surface", null);
    this.frame.classList.add("surface");
    this.note = this.addMark("note");
    this.mark = this.addMark("mark");
    this.letters = Object.entries(SIDES).map(([letter, side]) => {
      const mark = this.addMark("letter facing");
      mark.textContent = letter;
      return [mark, side];
    });
    this.level = element("input", "slider");
    Object.assign(this.level, { type: "range", min: -600, max: 1500, step: 20, value: 300 });
    this.level.setAttribute("aria-label", "CT number of the surface, HU");
    try {
      this.graphics = new SurfaceGraphics(this.canvas);
      this.frame.append(this.level);
    } catch (error) {
      this.showStill(still, error.message);
    }
    this.coarseness = 2;
  }

  showStill(still, reason) {
    this.mark.hidden = true;
    for (const [letter] of this.letters) letter.hidden = true;
    this.note.textContent = `Still picture: ${reason}.`;
    this.note.classList.add("missing");
    if (still) this.canvas.replaceWith(Object.assign(element("img", "still"), { src: still, alt: "surface" }));
  }

  /** Paints the volume that is shown; coarsely while it turns, finely when it rests. */
  paint(scene, view, isMoving) {
    if (!this.graphics) return;
    const shown = shownOf(scene, view), number = shown === "error" ? view.answer : shown;
    const volume = scene.volumes[number];
    if (this.loaded !== volume) {
      this.graphics.load(volume);
      if (!this.camera) this.camera = new Camera(volume.box);
      this.loaded = volume;
      this.key = "";
    }
    const [width, height] = this.size;
    const factor = isMoving ? 1 / this.coarseness : Math.min(window.devicePixelRatio || 1, 1.5);
    const level = Number(this.level.value);
    const { azimuth, elevation, zoom } = this.camera;
    const key = [number, azimuth, elevation, zoom, level, width, height, factor].join();
    if (key !== this.key) {
      const started = performance.now();
      this.graphics.draw(this.camera, level, Math.ceil(width * factor), Math.ceil(height * factor));
      if (isMoving && performance.now() - started > 80) this.coarseness = 4;
    }
    this.key = key;
    this.title.textContent = `surface · ${volume.name}`;
    this.note.textContent = `at ${level} HU`;
    const [x, y] = this.camera.project(view.cross, width, height);
    Object.assign(this.mark.style, { left: `${100 * x}%`, top: `${100 * y}%` });
    this.mark.hidden = !view.hair;
    this.showLetters(width, height);
  }

  /** Sets each letter where its side of the patient is; that to which the eye looks along is left out, and what
   * lies behind is faint. */
  showLetters(width, height) {
    const reach = 0.44 * Math.min(width, height);
    for (const [letter, side] of this.letters) {
      const { right, up, forward } = this.camera, depth = dot(side, forward);
      letter.hidden = Math.abs(depth) > 0.94;
      letter.classList.toggle("behind", depth > 0.35);
      letter.style.left = `${width / 2 + dot(side, right) * reach}px`;
      letter.style.top = `${height / 2 - dot(side, up) * reach}px`;
    }
  }
}
