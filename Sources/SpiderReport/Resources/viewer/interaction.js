// Mouse, touch and keys, with the habits of radiological viewers.

/** The window after a drag of so many pixels: to the right wider, upwards higher. */
function draggedWindow({ low, high }, dx, dy) {
  const width = high - low, speed = Math.max(width / 300, 0.5);
  const wider = Math.min(Math.max(width + dx * speed, 2), 8000);
  const level = Math.min(Math.max((low + high) / 2 - dy * speed, -2000), 4000);
  return { low: level - wider / 2, high: level + wider / 2 };
}

/** Steps of a wheel: a notch is one, however the browser counts it. */
class Wheel {
  constructor() { this.rest = 0; }

  steps(event) {
    const delta = event.deltaMode === 1 ? event.deltaY * 34 : event.deltaY;
    if (Math.abs(delta) >= 50) return -Math.sign(delta);
    this.rest += delta;
    const steps = Math.trunc(this.rest / 50);
    this.rest -= 50 * steps;
    return -steps;
  }
}

/** Calls `move(dx, dy, event)` while a pointer that went down on an element is held. */
function follow(event, target, move) {
  let [x, y] = [event.clientX, event.clientY];
  const onMove = (next) => {
    if (next.pointerId !== event.pointerId) return;
    move(next.clientX - x, next.clientY - y, next);
    [x, y] = [next.clientX, next.clientY];
  };
  const onEnd = (next) => {
    if (next.pointerId !== event.pointerId) return;
    target.removeEventListener("pointermove", onMove);
    for (const name of ["pointerup", "pointercancel"]) target.removeEventListener(name, onEnd);
    move(0, 0, null);
  };
  try { target.setPointerCapture(event.pointerId); } catch { /* it is up already */ }
  target.addEventListener("pointermove", onMove);
  for (const name of ["pointerup", "pointercancel"]) target.addEventListener(name, onEnd);
}

/** What fingers do together: up or down scrolls, apart zooms. */
class Fingers {
  constructor() { this.places = new Map(); this.rest = 0; }

  get count() { return this.places.size; }

  set(event) { this.places.set(event.pointerId, [event.clientX, event.clientY]); }

  drop(event) { this.places.delete(event.pointerId); }

  /** Moves one of two fingers: the steps to scroll and the factor to zoom. */
  move(event) {
    const before = this.shape();
    this.set(event);
    const after = this.shape();
    this.rest += after.y - before.y;
    const steps = Math.trunc(this.rest / 8);
    this.rest -= 8 * steps;
    return { steps: -steps, zoom: after.apart / before.apart };
  }

  shape() {
    const [a, b] = [...this.places.values()];
    return { y: (a[1] + b[1]) / 2, apart: Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1) };
  }
}

/** Binds a slice to the reader's hands. */
function bindSlice(panel, reader) {
  const wheel = new Wheel(), fingers = new Fingers(), body = panel.body;
  const point = (event) => panel.onScreen.point(...panel.place(event).map((value) => value - 0.5));
  body.addEventListener("contextmenu", (event) => event.preventDefault());
  body.addEventListener("wheel", (event) => {
    event.preventDefault();
    reader.activate(panel);
    const steps = wheel.steps(event);
    if (event.ctrlKey) reader.zoom(1.15 ** steps, point(event));
    else reader.scroll(panel.plane, steps);
  }, { passive: false });
  body.addEventListener("pointerdown", (event) => {
    reader.activate(panel);
    event.preventDefault();
    panel.frame.focus({ preventScroll: true });
    if (event.pointerType === "touch") {
      fingers.set(event);
      follow(event, body, (dx, dy, next) => {
        if (!next) fingers.drop(event);
        else if (fingers.count === 2) {
          const { steps, zoom } = fingers.move(next);
          reader.scroll(panel.plane, steps);
          reader.zoom(zoom, reader.view.cross);
        } else reader.goTo(point(next));
      });
      if (fingers.count === 1) fingers.cross = reader.view.cross;
      // A second finger takes back what the first one pointed at.
      reader.goTo(fingers.count === 1 ? point(event) : fingers.cross);
    } else if (event.button === 2 || (event.button === 0 && event.shiftKey)) {
      follow(event, body, (dx, dy) =>
        reader.change({ window: draggedWindow(reader.view.window, dx, dy) }));
    } else if (event.button === 1) {
      follow(event, body, (dx, dy) => reader.pan(panel, dx, dy));
    } else {
      reader.goTo(point(event));
      follow(event, body, (dx, dy, next) => { if (next) reader.goTo(point(next)); });
    }
  });
  body.addEventListener("pointermove", (event) => reader.hover(point(event)));
  body.addEventListener("pointerleave", () => reader.hover(null));
  body.addEventListener("dblclick", () => reader.enlarge(panel));
  panel.slider.addEventListener("input", () => {
    const cross = [...reader.view.cross];
    cross[PLANES[panel.plane].axis] = Number(panel.slider.value);
    reader.goTo(cross);
  });
}

/** Binds an X-ray: a click takes the cross-hair to the nearest point on the ray. */
function bindFilm(panel, reader) {
  const body = panel.body;
  const go = (event) =>
    reader.goTo(panel.view.pointOnRay(...panel.pixel(event), reader.view.cross));
  body.addEventListener("contextmenu", (event) => event.preventDefault());
  body.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    if (event.button === 2 || event.shiftKey) {
      const film = panel.view;
      follow(event, body, (dx, dy) => {
        const width = film.window.high - film.window.low, span = film.span;
        const wider = Math.max(width + dx / 300 * span, span / 50);
        const level = (film.window.low + film.window.high) / 2 - dy / 300 * span;
        film.window = { low: level - wider / 2, high: level + wider / 2 };
        reader.change({});
      });
    } else {
      go(event);
      follow(event, body, (dx, dy, next) => { if (next) go(next); });
    }
  });
  body.addEventListener("pointermove", (event) => reader.tell(panel.words(event)));
  body.addEventListener("pointerleave", () => reader.tell(""));
  body.addEventListener("dblclick", () => reader.enlarge(panel));
}

/** Binds the surface: drag turns, wheel zooms, a click without moving goes to the point. */
function bindSurface(panel, reader) {
  const wheel = new Wheel(), body = panel.body;
  panel.level.addEventListener("input", () => reader.change({}));
  body.addEventListener("contextmenu", (event) => event.preventDefault());
  body.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (!panel.camera) return;
    panel.camera.zoom = Math.min(Math.max(panel.camera.zoom * 1.15 ** wheel.steps(event), 0.5), 8);
    reader.change({});
  }, { passive: false });
  body.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    if (!panel.camera) return;
    let moved = 0;
    const [width, height] = panel.size, place = panel.place(event);
    follow(event, body, (dx, dy, next) => {
      if (next) {
        moved += Math.abs(dx) + Math.abs(dy);
        panel.camera.turn(panel.camera.azimuth - dx * 0.5, panel.camera.elevation + dy * 0.5);
        reader.change({}, { isTurning: true });
      } else if (moved < 4) {
        const share = [place[0] / width, place[1] / height];
        const hit = panel.camera.pick(panel.loaded, Number(panel.level.value), share, width, height);
        if (hit) reader.goTo(hit);
      } else reader.change({});
    });
  });
  body.addEventListener("dblclick", () => reader.enlarge(panel));
}

/** The keys. */
function bindKeys(reader) {
  document.addEventListener("keydown", (event) => {
    const isTyping = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // An arrow on a slider or a choice is that one's.
    if (isTyping && event.key !== "Escape") return;
    const toggle = (field, value) => {
      const view = reader.view;
      if (reader.scene.truth === null) return;
      reader.change({ [field]: view[field] === value ? (field === "shown" ? "answer" : "planes") : value });
    };
    const scroll = (steps) => () => reader.scroll(reader.activePlane, steps);
    const preset = ({ low, high }) => () => reader.change({ window: { low, high } });
    const keys = {
      ArrowUp: scroll(1), ArrowRight: scroll(1), ArrowDown: scroll(-1), ArrowLeft: scroll(-1),
      PageUp: scroll(5), PageDown: scroll(-5),
      1: preset(PRESETS[0]), 2: preset(PRESETS[1]), 3: preset(PRESETS[2]),
      t: () => toggle("shown", "truth"), e: () => toggle("shown", "error"),
      s: () => toggle("layout", "beside"), l: () => reader.toggleLabels(),
      a: () => reader.showMethods(),
      x: () => reader.change({ hair: !reader.view.hair }), r: () => reader.reset(),
      "+": () => reader.zoom(1.25, reader.view.cross), "-": () => reader.zoom(0.8, reader.view.cross),
      "?": () => reader.help(), Escape: () => reader.escape(),
    };
    const action = keys[event.key] || keys[event.key.toLowerCase()];
    if (!action || !reader.mayTakeKeys()) return;
    event.preventDefault();
    action();
  });
}
