// The bar over the planes: what is shown, how it is laid out, window, overlays.

/** The windows by their keys. */
const PRESETS = [
  { name: "Bone", key: "1", low: -450, high: 1050 },
  { name: "Brain", key: "2", low: 0, high: 80 },
  { name: "Soft tissue", key: "3", low: -160, high: 240 },
];

/** Controls that show the state and change it. `change` takes what is to be other in the view. */
class Toolbar {
  constructor(manifest, change, actions) {
    this.bar = element("div", "toolbar");
    this.change = change;
    this.actions = actions;
    this.manifest = manifest;
    this.updates = [];
  }

  /** Builds the controls that a scene has use for. */
  build(scene) {
    this.bar.replaceChildren();
    this.updates = [];
    const cases = this.manifest.cases;
    if (cases.length > 1) {
      this.select("Case", cases.map((item, i) => [i, item.name]), () => scene.number, this.actions.open);
    }
    if (scene.answers.length > 1) {
      this.select("Method", scene.answers.map((i) => [i, scene.volumes[i].name]), (view) => view.answer,
        (answer) => this.change({ answer }));
    }
    if (scene.truth !== null) {
      const name = scene.answers.length > 1 ? "Answer" : scene.volumes[scene.answers[0]].name;
      this.group("shown", [["answer", name, ""], ["truth", "Truth", "T"], ["error", "Error", "E"]]);
    }
    const layouts = [["planes", "Planes", ""]];
    if (scene.truth !== null) layouts.push(["beside", "Side by side", "S"]);
    if (scene.answers.length > 1) layouts.push(["methods", "All methods", "A"]);
    if (layouts.length > 1) this.group("layout", layouts);
    this.presets();
    if (scene.truth !== null) this.range("Blend truth", "blend");
    if (Object.keys(scene.labels).length > 0) this.range("Labels", "labels");
    if (scene.uncertainty) this.range("Uncertainty", "uncertainty");
    const more = element("span", "group");
    more.append(
      this.button("Reset", "R", this.actions.reset), this.button("Keys", "?", this.actions.help));
    this.bar.append(more);
  }

  update(view) { for (const update of this.updates) update(view); }

  button(name, key, action) {
    const button = element("button", "", name);
    button.type = "button";
    if (key) button.title = `${name} (key ${key})`;
    button.addEventListener("click", action);
    return button;
  }

  group(field, choices) {
    const group = element("span", "group joined");
    for (const [value, name, key] of choices) {
      const action = this.actions[value] || (() => this.change({ [field]: value }));
      const button = this.button(name, key, action);
      button.dataset[field] = value;
      group.append(button);
      this.updates.push((view) => button.setAttribute("aria-pressed", String(view[field] === value)));
    }
    this.bar.append(group);
  }

  presets() {
    const group = element("span", "group joined");
    for (const { name, key, low, high } of PRESETS) {
      const button = this.button(name, key, () => this.change({ window: { low, high } }));
      button.dataset.preset = key;
      group.append(button);
      this.updates.push(({ window }) =>
        button.setAttribute("aria-pressed", String(window.low === low && window.high === high)));
    }
    const words = element("output", "window");
    this.updates.push(({ window: { low, high } }) => {
      words.textContent = `W ${Math.round(high - low)} L ${Math.round((high + low) / 2)}`;
      words.title = `black ${Math.round(low)} HU, white ${Math.round(high)} HU; `
        + "drag with the right button or with shift";
    });
    this.bar.append(group, words);
  }

  range(name, field) {
    const label = element("label", "range", name), input = element("input");
    Object.assign(input, { type: "range", min: 0, max: 1, step: 0.01 });
    input.dataset.range = field;
    input.addEventListener("input", () => this.change({ [field]: Number(input.value) }));
    label.append(input);
    this.bar.append(label);
    this.updates.push((view) => { input.value = view[field]; });
  }

  select(name, choices, current, action) {
    const select = element("select");
    select.setAttribute("aria-label", name);
    select.title = name;
    for (const [value, text] of choices) {
      const option = element("option", "", text);
      option.value = value;
      select.append(option);
    }
    select.addEventListener("change", () => action(Number(select.value)));
    this.bar.append(select);
    this.updates.push((view) => { select.value = current(view); });
  }
}
