// anywidget's entry point: the playground between the kernel's model and an output's element.

class Ground {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.timer = 0; // until the kernel hears what is different
    /** @type {GroundMind} */
    this.mind = { ahead: model.get("ahead"), keys: false };
    this.root = make("div", "");
    this.keepKeys = keepingKeys(this.root);
    el.replaceChildren(this.root);
    this.takeUp();
    this.playground = this.build();
    /** @type {Record<string, () => void>} */
    this.heard = {
      "change:at": () => this.playground.at !== model.get("at") && this.playground.show(this.within(model.get("at"))),
      "change:runs": () => this.other(),
      "change:chosen": () => this.other(),
      "change:ahead": () => this.mind.ahead !== model.get("ahead") && this.playground.foresee(model.get("ahead")),
      "change:surface": () => this.replaced(),
    };
    for (const [event, run] of Object.entries(this.heard)) model.on(event, run);
    window.addEventListener("keydown", this.keepKeys, true);
  }

  get likeness() {
    const { name, names, rows, span, begins } = this.model.get("surface");
    return JSON.stringify(["descent", name, names, rows.length, span, begins, this.model.get("steps")]);
  }

  /** Go on where another view of the like was left, unless this one has been changed already. */
  takeUp() {
    const { model } = this;
    const found = model.get("at") || JSON.stringify(model.get("runs")) !== JSON.stringify(model.get("surface").begins) ? null : takeUp(this.likeness);
    if (!found) return;
    for (const key of ["at", "runs", "chosen"]) model.set(key, found[key]);
    this.mind = found.mind;
    this.save();
  }

  build() {
    const { model } = this;
    const playground = new Playground(this.root, model.get("surface"), this.mind, model.get("runs"), model.get("chosen"), model.get("steps"), (what) => this.report(what));
    hasKernel(model, model.get("surface")); // notes which one it is
    playground.at = this.within(model.get("at"));
    return playground;
  }

  /** @param {number} at */
  within(at) {
    return Math.max(0, Math.min(this.model.get("steps"), at || 0));
  }

  /** Runs that came from Python. */
  other() {
    const { playground, model } = this;
    const [runs, chosen] = [model.get("runs"), model.get("chosen")];
    if (JSON.stringify(runs) === JSON.stringify(playground.plain()) && chosen === playground.chosen) return;
    playground.take(runs, chosen);
    playground.settle();
    playground.draw();
  }

  /** Another surface. */
  replaced() {
    if (!this.model.get("surface")?.ways) return; // the cell runs again
    this.playground.end();
    this.playground = this.build();
  }

  /** The kernel hears it when the hand rests; nothing waits for that, and it may be gone. @param {Record<string, any>} what */
  report(what) {
    for (const [key, value] of Object.entries(what)) this.model.set(key, value);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 150);
  }

  save() {
    if (hasKernel(this.model, this.model.get("surface"))) this.model.save_changes();
  }

  end() {
    const { model, playground } = this;
    clearTimeout(this.timer);
    playground.end();
    window.removeEventListener("keydown", this.keepKeys, true);
    if (model.get("surface")?.ways) leave(this.likeness, { at: playground.at, runs: playground.plain(), chosen: playground.chosen, mind: this.mind });
    for (const [event, run] of Object.entries(this.heard)) model.off(event, run);
  }
}

/** @param {{model: Model, el: HTMLElement}} output */
function show({ model, el }) {
  const ground = new Ground(model, el);
  return () => ground.end();
}

export default { render: show };
