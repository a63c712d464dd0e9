// The reader's desk: what is shown (the view), of which case (the scene), in which panels.

const HELP = [
  ["wheel, arrows", "next slice"], ["Page Up, Page Down", "five slices"],
  ["click, drag", "cross-hair"], ["right button or shift and drag", "window: right wider, up higher"],
  ["1  2  3", "bone, brain, soft tissue"], ["ctrl and wheel, + and -", "zoom"],
  ["middle button", "move"], ["double click", "one panel alone, and back"],
  ["T  E", "truth, error"], ["S  A", "side by side, all methods (again: next plane)"], ["L  X", "labels, cross-hair"],
  ["R", "reset"], ["X-ray: click", "to the point on its ray"],
  ["surface: drag, click", "turn, go to"], ["two fingers", "scroll, zoom"],
];

class Reader {
  constructor(root, manifest) {
    Object.assign(this, { root, manifest });
    this.toolbar = new Toolbar(manifest, (change) => this.change(change), {
      open: (number) => this.open(number), reset: () => this.reset(), help: () => this.help(),
      methods: () => this.showMethods(),
    });
    this.stage = element("div", "stage");
    this.planes = element("div", "planes");
    this.side = element("aside", "side");
    this.films = element("div", "films");
    this.facts = element("dl", "readout");
    this.facts.setAttribute("aria-live", "off");
    this.told = element("p", "told");
    this.figures = element("dl", "readout figures");
    this.legend = element("div", "legend");
    this.hint = element("p", "hint", [
      manifest.note, "Wheel: slices. Drag with the right button or shift: window. Double click: one panel alone. ?: all keys.",
    ].filter(Boolean).join(" "));
    this.errorKey = element("p", "key", `error: black 0, red, yellow, white ${ERROR_RANGE} HU and more`);
    this.uncertaintyKey = element("p", "key");
    this.side.append(
      this.films, this.figures, this.facts, this.told, this.errorKey, this.uncertaintyKey, this.legend, this.hint);
    this.stage.append(this.planes, this.side);
    this.root.append(this.toolbar.bar, this.stage);
    this.activePlane = "axial";
    new ResizeObserver(() => this.draw()).observe(this.stage);
    bindKeys(this);
  }

  async open(number) {
    this.root.setAttribute("aria-busy", "true");
    const scene = await Scene.decode(this.manifest, number);
    const kept = this.view && this.scene.answers.length === scene.answers.length ? this.view : null;
    this.scene = scene;
    this.view = { ...this.start(), ...(kept && { ...kept, center: this.start().center }) };
    this.toolbar.build(scene);
    this.showFilms();
    this.showFigures();
    this.showLegend();
    this.lay();
    this.root.removeAttribute("aria-busy");
  }

  /** What is known of the case that is shown. */
  showFigures() {
    const { name, figures } = this.manifest.cases[this.scene.number];
    this.figures.replaceChildren(element("dt", "head", "this case"), element("dd", "", name));
    for (const [what, value] of figures) {
      this.figures.append(element("dt", "", what), element("dd", "", value));
    }
    this.figures.hidden = figures.length === 0;
  }

  /** The view with which reading begins. */
  start() {
    const { scene, manifest } = this;
    const center = plus(scene.box[0], scene.box[1]).map((value) => value / 2);
    return {
      answer: scene.answers[0], shown: "answer", layout: "planes", cross: center,
      center, zoom: 1, window: { ...manifest.window }, labels: 0,
      // Whoever brings a map wants to see it; a reconstruction is looked at bare first.
      uncertainty: scene.uncertainty && scene.views.length === 0 ? 0.6 : 0,
      blend: 0, hair: true,
    };
  }

  reset() {
    for (const { view } of this.filmPanels) view.window = { ...view.start };
    if (this.surface.camera) this.surface.camera = new Camera(this.scene.box);
    this.enlarged = null;
    this.change(this.start());
  }

  /** The panels of a layout: rows of slices, with the surface where there is room. */
  lay() {
    const { scene, view } = this, names = Object.keys(PLANES);
    this.surface = this.surface || new SurfacePanel(this.manifest.still);
    let panels, columns = 2;
    if (view.layout === "beside") {
      columns = 3;
      panels = [scene.truth, "answer", "error"].flatMap((what) =>
        names.map((plane) => new SlicePanel(plane, what)));
    } else if (view.layout === "methods") {
      const all = [scene.truth, ...scene.answers].filter((number) => number !== null);
      columns = Math.ceil(Math.sqrt(all.length));
      panels = all.map((number) => new SlicePanel(this.activePlane, number));
    } else {
      panels = names.map((plane) => new SlicePanel(plane, "shown"));
    }
    this.slices = panels;
    for (const panel of panels) bindSlice(panel, this);
    if (!this.isSurfaceBound) bindSurface(this.surface, this);
    this.isSurfaceBound = true;
    if (view.layout === "planes") panels = [...panels, this.surface];
    this.panels = panels;
    this.planes.style.setProperty("--columns", columns);
    this.planes.replaceChildren(...panels.map((panel) => panel.frame));
    this.laidOut = this.layout;
    this.draw();
  }

  /** What the panels depend on. */
  get layout() { return this.view.layout + (this.view.layout === "methods" ? this.activePlane : ""); }

  /** All methods in one plane; again: in the next one. */
  showMethods() {
    const names = Object.keys(PLANES);
    if (this.scene.answers.length < 2) return;
    if (this.view.layout === "methods") {
      this.activePlane = names[(names.indexOf(this.activePlane) + 1) % names.length];
    }
    this.change({ layout: "methods" });
  }

  showFilms() {
    this.filmPanels = [];
    this.films.replaceChildren(...this.scene.views.map((view) => {
      const row = element("div", "view");
      const kinds = view.reprojected ? ["X-ray", "re-projection", "residual"] : ["X-ray"];
      const panels = kinds.map((kind) => new ViewPanel(view, kind));
      for (const panel of panels) bindFilm(panel, this);
      this.filmPanels.push(...panels);
      const pictures = element("div", "pictures");
      pictures.append(...panels.map((panel) => panel.frame));
      row.append(pictures, element("p", "agreement", view.words));
      return row;
    }));
    if (this.scene.views.some((view) => view.reprojected)) this.films.append(this.residualKey());
    this.films.hidden = this.scene.views.length === 0;
    this.stage.classList.toggle("slim", this.films.hidden);
  }

  /** What the colours of the residuals mean. */
  residualKey() {
    const key = element("p", "key", "residual: ");
    for (const [sign, words] of [[1, "the X-ray shows more, "], [-1, "the volume shows more"]]) {
      const swatch = element("i");
      swatch.style.background = `rgb(${diverging(sign)})`;
      key.append(swatch, words);
    }
    key.append("; full colour at a quarter of the picture's range");
    if (this.scene.views.some((view) => !view.absolute)) {
      key.append(". A picture's grey scale is not known: the re-projection is brought to it by a rising curve, and the "
        + "residual shows what toning and sharpening did, too.");
    }
    return key;
  }

  /** What the tint of uncertainty means. */
  tellUncertainty(most) {
    const band = element("i", "band"), shades = [0.1, 0.4, 0.7, 1].map(
      (share) => `rgba(${uncertaintyColor(share)}, ${share})`);
    band.style.background = `linear-gradient(to right, transparent, ${shades})`;
    this.uncertaintyKey.replaceChildren(
      "uncertainty: 0 ", band, `${Math.round(most)} HU and more. Nine of ten voxels of a body are off by less.`);
  }

  showLegend() {
    const used = new Set();
    for (const labels of Object.values(this.scene.labels)) for (const value of labels.values) used.add(value);
    const shown = this.manifest.labels.filter(({ value, color }) => color && used.has(value));
    this.legend.replaceChildren(...shown.map(({ name, color }) => {
      const item = element("span", "", name), swatch = element("i");
      swatch.style.background = `rgb(${color})`;
      item.prepend(swatch);
      return item;
    }));
  }

  /** Changes the view and shows it. */
  change(change, { isTurning = false } = {}) {
    Object.assign(this.view, change);
    this.isTurning = isTurning;
    if (this.layout !== this.laidOut) this.lay();
    else this.draw();
  }

  draw() {
    if (this.isWaiting || !this.scene) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.paint();
    });
  }

  paint() {
    const { scene, view } = this;
    const isAlone = this.enlarged && (this.panels.includes(this.enlarged) || this.filmPanels.includes(this.enlarged));
    const alone = isAlone ? this.enlarged : null;
    this.stage.classList.toggle("alone", alone !== null);
    for (const panel of [...this.panels, ...this.filmPanels]) {
      panel.frame.classList.toggle("enlarged", panel === alone);
    }
    const slices = this.slices.filter((panel) => alone === null || panel === alone);
    // One scale for all planes.
    const scale = Math.max(...slices.map((panel) => panel.fit(scene)), 0) / view.zoom;
    for (const panel of slices) {
      panel.paint(scene, view, scale);
    }
    if (this.panels.includes(this.surface) && (alone === null || alone === this.surface)) {
      this.surface.paint(scene, view, this.isTurning);
    }
    for (const panel of this.filmPanels) panel.paint(scene, view);
    this.legend.hidden = view.labels === 0;
    this.errorKey.hidden = scene.truth === null || (view.shown !== "error" && view.layout !== "beside");
    this.uncertaintyKey.hidden = !scene.uncertainty || view.uncertainty === 0;
    if (!this.uncertaintyKey.hidden) this.tellUncertainty(scene.uncertainty.most);
    this.toolbar.update(view);
    this.showFacts(this.pointer || view.cross);
    this.root.dataset.painted = String(Number(this.root.dataset.painted || 0) + 1);
  }

  showFacts(point) {
    this.facts.replaceChildren(
      element("dt", "head", this.pointer ? "under the cursor" : "at the cross-hair"), element("dd"));
    for (const [name, value] of this.scene.facts(point, this.view)) {
      this.facts.append(element("dt", "", name), element("dd", "", value));
    }
  }

  tell(words) { this.told.textContent = words; }

  hover(point) {
    this.pointer = point;
    this.showFacts(point || this.view.cross);
  }

  activate(panel) { this.activePlane = panel.plane; }

  goTo(point) {
    const { box } = this.scene;
    this.change({ cross: point.map((value, a) => Math.min(Math.max(value, box[0][a]), box[1][a])) });
  }

  /** Moves the cross-hair by voxels across a plane. */
  scroll(plane, steps) {
    if (steps === 0) return;
    const axis = PLANES[plane].axis, cross = [...this.view.cross];
    cross[axis] += steps * this.scene.volumes[this.scene.answers[0]].step(axis);
    this.goTo(cross);
  }

  /** Zooms; the given point stays where it is. */
  zoom(factor, point) {
    const zoom = Math.min(Math.max(this.view.zoom * factor, 1), 12), share = this.view.zoom / zoom;
    const center = zoom === 1 ? this.start().center
      : this.view.center.map((value, a) => point[a] + (value - point[a]) * share);
    this.change({ zoom, center });
  }

  pan(panel, dx, dy) {
    const { right, down } = PLANES[panel.plane], size = panel.onScreen.size;
    this.change({ center: plus(plus(this.view.center, right, -dx * size), down, -dy * size) });
  }

  toggleLabels() {
    if (this.view.labels > 0) this.lastLabels = this.view.labels;
    this.change({ labels: this.view.labels > 0 ? 0 : this.lastLabels || 0.6 });
  }

  enlarge(panel) {
    this.enlarged = this.enlarged ? null : panel;
    this.change({});
  }

  help() {
    if (!this.helpBox) {
      this.helpBox = element("dialog", "help");
      const list = element("dl");
      for (const [keys, does] of HELP) list.append(element("dt", "", keys), element("dd", "", does));
      const close = element("button", "", "Close");
      close.addEventListener("click", () => this.helpBox.close());
      this.helpBox.append(element("h2", "", "Keys and mouse"), list, close);
      this.root.append(this.helpBox);
    }
    this.helpBox.open ? this.helpBox.close() : this.helpBox.showModal();
  }

  escape() {
    this.enlarged = null;
    this.change({});
  }

  /** Keys are the desk's while it is on the screen: below it they scroll the page. */
  mayTakeKeys() {
    return this.root.getBoundingClientRect().bottom > 200;
  }
}
