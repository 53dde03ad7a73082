// anywidget's entry point: the player between the kernel's model and an output's element.

/** A function of a number, or of each in an array. @param {any} x @param {(one: any) => any} change @returns {any} */
const each = (x, change) => (Array.isArray(x) ? x.map((one) => each(one, change)) : change(x));

const MOVED = "bl-inputs"; // what linked players tell each other on a page

/** What tells films apart; a large one has columns. @param {SentFilm} film */
function likeness({ about, mode, mystery, frames, rows, large }) {
  const told = large ? large.names.map((/** @type {string} */ name, /** @type {number} */ k) => name + large.is[k]) : rows.map((row) => row.name + row.is);
  return [mystery ? JSON.stringify(mystery.claims) : "", about, mode, large ? "" : frames.length, told.join()].join("|");
}

const GONE = "Changes need the kernel that ran this cell, and it is gone or was restarted. Run the cell again; stepping works without it.";
const BUSY = "The kernel has not answered yet: it is busy, or it was restarted. If it was restarted, run the cell again.";

/** One output's player. */
class Widget {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.timer = 0; // until the kernel hears where we are
    this.waiting = 0; // for the kernel's answer
    this.telling = 0; // until the kernel hears of other inputs
    this.mind = memory(this.film.views);
    this.root = make("div", "");
    this.keepKeys = keepingKeys(this.root);
    el.replaceChildren(this.root);
    /** @type {Record<string, () => void>} */
    this.heard = {
      "change:film": () => this.replaced(),
      "change:scene": () => this.unfolded(),
      "change:at": () => this.moved(),
      "change:inputs": () => this.player.move(this.inputs),
      "change:trouble": () => this.refused(),
      "change:predictions": () => this.player.asks.known(this.predictions),
    };
    this.takeUp();
    this.player = this.build("", this.inputs);
    this.listen();
  }

  /** @returns {SentFilm} */
  get film() {
    return this.model.get("film");
  }

  /** @returns {Prediction[]} */
  get predictions() {
    return [...(this.model.get("predictions") || [])];
  }

  /** The inputs' numbers; JSON has no words for inf and nan. @returns {Record<string, Numbers>} */
  get inputs() {
    return Object.fromEntries(Object.entries(this.model.get("inputs") ?? {}).map(([name, x]) => [name, each(x, Number)]));
  }

  listen() {
    window.addEventListener("keydown", this.keepKeys, true);
    document.addEventListener(MOVED, this.follow);
    this.kernel = this.model.widget_manager?.kernel;
    this.kernel?.statusChanged?.connect(this.restarted);
    for (const [event, run] of Object.entries(this.heard)) this.model.on(event, run);
  }

  /** Leave place and predictions to whoever comes next, and go. */
  end() {
    const { model, player } = this;
    clearTimeout(this.timer);
    clearTimeout(this.waiting);
    clearTimeout(this.telling);
    player.end();
    window.removeEventListener("keydown", this.keepKeys, true);
    document.removeEventListener(MOVED, this.follow);
    this.kernel?.statusChanged?.disconnect(this.restarted);
    if (this.film) leave(likeness(this.film), { at: player.at, predictions: this.predictions });
    for (const [event, run] of Object.entries(this.heard)) model.off(event, run);
  }

  /** Go on where another view of an equal film was left. */
  takeUp() {
    const { model } = this;
    const found = model.get("at") || this.predictions.length ? null : takeUp(likeness(this.film));
    if (!found) return;
    model.set("at", found.at);
    model.set("predictions", found.predictions);
    this.save();
  }

  /** A player of the film. @param {string} remark @param {Record<string, Numbers>} [inputs] other numbers than it came with */
  build(remark, inputs = {}) {
    const { model } = this;
    const alive = hasKernel(model, this.film); // notes which one it is
    const player = new Player(this.root, this.film, this.mind, this.outside());
    if (!alive) player.panel.trouble(GONE);
    player.show(Math.max(0, Math.min(model.get("at") || 0, player.last)), remark);
    const scene = this.scene();
    if (scene) player.swap(scene); // opened before this view was made
    if (player.moves) player.move(inputs);
    return player;
  }

  /** The picture with other parts open, if it is of this film. @returns {Scene | null} */
  scene() {
    const scene = this.model.get("scene");
    return scene?.svgs && scene.run === this.film.run ? scene : null;
  }

  // ---- to the kernel

  save() {
    if (hasKernel(this.model, this.film)) this.model.save_changes(); // otherwise the player goes on alone
  }

  /** What the player needs of the model. @returns {Outside} */
  outside() {
    const asks = this.model.get("request") !== undefined;
    return {
      report: (at) => this.report(at),
      moved: (inputs, waits) => this.told(inputs, waits && asks),
      predictions: this.predictions,
      predicted: (all) => {
        this.model.set("predictions", all);
        this.save();
      },
      ask: asks ? (request) => this.ask(request) : null,
      open: asks ? (parts) => (this.request({ open: parts }, (text) => this.player.look.say(text)) ? "" : GONE) : null,
    };
  }

  /** The kernel hears where we are when the person pauses; a step never waits for it, and it may be gone. @param {number} at */
  report(at) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.model.set("at", at);
      this.save();
    }, 120);
  }

  /** The kernel hears of other inputs when the hand rests, linked players at once. @param {Record<string, Numbers>} inputs @param {boolean} waits whether only the kernel can go on there */
  told(inputs, waits) {
    const group = this.model.get("group");
    if (group) document.dispatchEvent(new CustomEvent(MOVED, { detail: { group, inputs } }));
    if (waits && !hasKernel(this.model, this.film)) this.player.panel.trouble(GONE);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      if (waits) this.wait((text) => this.player.panel.trouble(text));
      this.model.set("inputs", Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, each(x, (one) => (Number.isFinite(one) ? one : String(one)))])));
      this.save();
    }, 150);
  }

  /** A linked player's inputs have moved: those of the same names do here. */
  follow = (/** @type {Event} */ event) => {
    const { group, inputs } = /** @type {CustomEvent} */ (event).detail;
    const { live, moves } = this.player;
    if (!live || !moves || group !== this.model.get("group")) return;
    this.player.move(Object.fromEntries(Object.entries(inputs).filter(([name]) => name in live.given())));
  };

  /** Ask for another film. @param {Record<string, any>} request */
  ask(request) {
    const tell = (/** @type {string} */ text) => this.player.panel.trouble(text);
    if (!this.request(request, tell)) tell(GONE);
  }

  /** Send a request, if anybody listens; `tell` is told when no answer comes. @param {Record<string, any>} request @param {(text: string) => void} tell */
  request(request, tell) {
    const { model } = this;
    if (!hasKernel(model, this.film)) return false;
    this.wait(tell);
    model.set("request", { ...request, id: (model.get("request").id || 0) + 1 });
    model.save_changes();
    return true;
  }

  /** Something comes from the kernel: the focus returns to where it is now. @param {(text: string) => void} tell is told when nothing comes */
  wait(tell) {
    const focused = /** @type {HTMLElement} */ (treeOf(this.root).activeElement);
    this.mind.focus = this.root.contains(focused) ? focused.dataset.focus || "root" : null;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => tell(BUSY), 5000);
  }

  // ---- from the kernel, and from the page

  moved() {
    const at = this.model.get("at");
    if (at !== this.player.at) this.player.show(Math.max(0, Math.min(this.player.last, at)));
  }

  replaced() {
    clearTimeout(this.timer);
    clearTimeout(this.waiting);
    this.player.end();
    this.player = this.build(this.film.announce ? `${this.film.announce} ` : "");
    const { focus } = this.mind;
    /** @type {HTMLElement | null} */
    const focused = focus === "root" ? this.root : this.root.querySelector(`[data-focus="${focus}"]`);
    if (focus) (focused || this.root).focus({ preventScroll: true });
    this.mind.focus = null;
  }

  unfolded() {
    clearTimeout(this.waiting);
    this.mind.focus = null;
    const scene = this.scene();
    if (scene) this.player.swap(scene);
  }

  refused() {
    clearTimeout(this.waiting);
    const { text, open } = this.model.get("trouble") || {};
    this.player.panel.trouble(text || "");
    if (open) this.player.look.say(text);
  }

  restarted = (/** @type {any} */ _, /** @type {string} */ status) => {
    if (status.endsWith("restarting") || status === "dead") this.player.panel.trouble(GONE);
  };
}

/** @param {{model: Model, el: HTMLElement}} output */
function show({ model, el }) {
  const widget = new Widget(model, el);
  return () => widget.end();
}

export default { render: show };
