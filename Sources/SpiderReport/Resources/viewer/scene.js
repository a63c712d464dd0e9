// A case as it is shown: volumes, labels, X-rays; and the words about a point of it.

/** A case with all its numbers decoded. */
class Scene {
  static async decode(manifest, number) {
    const given = manifest.cases[number], scene = new Scene();
    Object.assign(scene, { number, name: given.name, labels: {}, colors: [] });
    scene.volumes = await Promise.all(given.volumes.map((block) => Volume.decode(block)));
    const truth = given.volumes.findIndex((volume) => volume.role === "truth");
    scene.truth = truth >= 0 && scene.volumes.length > 1 ? truth : null;
    scene.answers = scene.volumes.map((_, index) => index).filter((index) => index !== scene.truth);
    for (const block of given.labels) scene.labels[block.of] = await Volume.decode(block);
    if (given.uncertainty) {
      scene.uncertainty = await Volume.decode(given.uncertainty);
      scene.uncertaintyOf = given.uncertainty.of;
    }
    scene.views = await Promise.all(given.views.map((block) => View.decode(block)));
    scene.names = {};
    for (const { value, name, color } of manifest.labels) {
      scene.names[value] = name;
      if (color) scene.colors[value] = color;
    }
    scene.box = scene.volumes[scene.answers[0]].box;
    return scene;
  }

  /** What is known of a world point: pairs of name and value. */
  facts(point, view) {
    const [x, y, z] = point.map((value) => fixed(value, 1));
    const facts = [["world, RAS+", `x ${x}  y ${y}  z ${z} mm`]];
    const values = this.volumes.map((volume) => volume.at(point));
    const shown = this.answers.length > 1 ? [view.answer] : this.answers;
    for (const number of [...shown, ...(this.truth === null ? [] : [this.truth])]) {
      const value = values[number], labels = this.labels[number];
      const label = labels ? this.names[labels.at(point)] : null;
      const words = value === value ? `${Math.round(value)} HU` : "outside";
      facts.push([this.volumes[number].name, label ? `${words}, ${label}` : words]);
    }
    if (this.truth !== null) {
      // Of the numbers that stand above, so that it is their difference.
      const [answer, truth] = [view.answer, this.truth].map((number) => clipped(Math.round(values[number])));
      const error = answer - truth;
      facts.push(["error", error === error ? `${error > 0 ? "+" : ""}${error} HU` : "outside"]);
    }
    if (this.uncertainty && this.uncertainty.at(point) >= 0) {
      facts.push(["uncertainty", `\u00b1${Math.round(this.uncertainty.at(point))} HU`]);
    }
    return facts;
  }
}
