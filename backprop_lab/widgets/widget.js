// The player between the kernel's model and an output's element: anywidget's entry point.

/** What tells films apart; a large one has columns. @param {SentFilm} film */
function likeness({ about, mode, mystery, frames, rows, large }) {
  const told = large ? large.names.map((/** @type {string} */ name, /** @type {number} */ k) => name + large.is[k]) : rows.map((row) => row.name + row.is);
  return [mystery ? JSON.stringify(mystery.claims) : "", about, mode, large ? "" : frames.length, told.join()].join("|");
}

const GONE = "Changes need the kernel that ran this cell, and it is gone or was restarted. Run the cell again; stepping works without it.";
const BUSY = "The kernel has not answered yet: it is busy, or it was restarted. If it was restarted, run the cell again.";

outputOf = (model, el) => new Widget(model, el);

/** One output's player, with what its kernel says and hears. */
class Widget extends Output {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    super(model, el);
    this.timer = 0; // until the kernel hears where we are
    this.waiting = 0; // for the kernel's answer
    this.asked = 0; // the last request's number
    this.telling = 0; // until the kernel hears of other inputs
    this.keepKeys = keepingKeys(this.root);
    this.restarted = (/** @type {any} */ _, /** @type {string} */ status) => {
      if (status.endsWith("restarting") || status === "dead") this.player.panel.trouble(GONE);
    };
    /** @type {Record<string, (sent: any, buffers: DataView[]) => void>} */
    this.heard = {
      "change:film": () => this.replaced(),
      "change:scene": () => this.unfolded(),
      "change:at": () => this.moved(),
      "change:inputs": () => this.player.move(this.inputs),
      "change:trouble": () => this.refused(),
      "change:predictions": () => this.player.asks.known(this.predictions),
      "msg:custom": (sent, buffers) => this.saved(sent, buffers),
    };
  }

  start() {
    const open = this.takeUp();
    super.start();
    if (open) this.player.outside.open?.(open);
  }

  listen() {
    super.listen();
    window.addEventListener("keydown", this.keepKeys, true);
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
    super.end();
    window.removeEventListener("keydown", this.keepKeys, true);
    this.kernel?.statusChanged?.disconnect(this.restarted);
    const open = [...player.fold.open];
    if (this.film) leave(likeness(this.film), { at: player.at, predictions: this.predictions, open, began: this.film.fold?.open.join() });
    for (const [event, run] of Object.entries(this.heard)) model.off(event, run);
  }

  /** Go on where another view of an equal film was left; the parts that were open there are still to be opened. @returns {number[] | null} */
  takeUp() {
    const { model } = this;
    const found = model.get("at") || this.predictions.length ? null : takeUp(likeness(this.film));
    if (!found) return null;
    model.set("at", found.at);
    model.set("predictions", found.predictions);
    this.save();
    const { fold } = this.film;
    return fold && fold.open.join() === found.began && found.open.join() !== found.began && !this.scene() ? found.open : null;
  }

  /** @param {string} remark @param {Record<string, Numbers>} [inputs] */
  build(remark, inputs = {}) {
    const alive = hasKernel(this.model, this.film); // notes which one it is
    const player = super.build(remark, inputs);
    if (!alive) player.panel.trouble(GONE);
    const scene = this.scene();
    if (scene) player.swap(scene); // opened before this view was made
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

  outside() {
    const own = super.outside();
    if (this.model.get("request") === undefined) return own;
    return {
      ...own,
      ask: (/** @type {Record<string, any>} */ request) => this.ask(request),
      open: (/** @type {number[]} */ parts) => (this.request({ open: parts }, (text) => this.player.look.say(text)) ? "" : GONE),
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

  /** The kernel hears of other inputs when the hand rests, linked players at once. @param {Record<string, Numbers>} inputs @param {boolean} waits */
  told(inputs, waits) {
    super.told(inputs, waits);
    waits &&= this.model.get("request") !== undefined;
    if (waits && !hasKernel(this.model, this.film)) this.player.panel.trouble(GONE);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      if (waits) this.wait((text) => this.player.panel.trouble(text));
      this.model.set("inputs", Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, each(x, (one) => (Number.isFinite(one) ? one : String(one)))])));
      this.save();
    }, 150);
  }

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
    this.asked = (model.get("request").id || 0) + 1;
    model.set("request", { ...request, id: this.asked });
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

  /** A file has come; another view of the player may have asked for it. @param {{saved: string, id: number}} sent @param {DataView[]} buffers */
  saved({ saved, id }, buffers) {
    if (id !== this.asked) return;
    clearTimeout(this.waiting);
    download(saved, new Blob(/** @type {DataView<ArrayBuffer>[]} */ (buffers)));
  }

  refused() {
    clearTimeout(this.waiting);
    const { text, open } = this.model.get("trouble") || {};
    this.player.panel.trouble(text || "");
    if (open) this.player.look.say(text);
  }
}

export default { render: show };
