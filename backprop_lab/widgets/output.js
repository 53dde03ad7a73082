// The player between a model and an output's element, where nobody listens: a page of its own. widget.js knows the kernel.

/** A function of a number, or of each in an array. @param {any} x @param {(one: any) => any} change @returns {any} */
const each = (x, change) => (Array.isArray(x) ? x.map((one) => each(one, change)) : change(x));

const MOVED = "bl-inputs"; // what linked players tell each other on a page

/** One output's player. */
class Output {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.mind = memory(this.film.views);
    this.root = make("div", "");
    el.replaceChildren(this.root);
    this.player = /** @type {Player} */ (/** @type {unknown} */ (null)); // until it starts
  }

  start() {
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
    document.addEventListener(MOVED, this.follow);
  }

  end() {
    this.player.end();
    document.removeEventListener(MOVED, this.follow);
  }

  /** A player of the film. @param {string} remark @param {Record<string, Numbers>} [inputs] other numbers than it came with */
  build(remark, inputs = {}) {
    const { model } = this;
    const player = new Player(this.root, this.film, this.mind, this.outside());
    player.show(Math.max(0, Math.min(model.get("at") || 0, player.last)), remark);
    if (player.moves) player.move(inputs);
    return player;
  }

  save() {
    this.model.save_changes();
  }

  /** What the player needs of the model. @returns {Outside} */
  outside() {
    return {
      report: (at) => this.report(at),
      moved: (inputs, waits) => this.told(inputs, waits),
      predictions: this.predictions,
      predicted: (all) => {
        this.model.set("predictions", all);
        this.save();
      },
      ask: null,
      open: null,
    };
  }

  /** Where the player is. @param {number} at */
  report(at) {
    this.model.set("at", at);
  }

  /** Linked players hear of other inputs. @param {Record<string, Numbers>} inputs @param {boolean} waits whether only a kernel can go on there */
  told(inputs, waits) {
    const group = this.model.get("group");
    if (group) document.dispatchEvent(new CustomEvent(MOVED, { detail: { group, inputs } }));
  }

  /** A linked player's inputs have moved: those of the same names do here. */
  follow = (/** @type {Event} */ event) => {
    const { group, inputs } = /** @type {CustomEvent} */ (event).detail;
    const { live, moves } = this.player;
    if (!live || !moves || group !== this.model.get("group")) return;
    this.player.move(Object.fromEntries(Object.entries(inputs).filter(([name]) => name in live.given())));
  };
}

/** The output of a model; widget.js makes another kind. @param {Model} model @param {HTMLElement} el */
let outputOf = (model, el) => new Output(model, el);

/** @param {{model: Model, el: HTMLElement}} output */
function show({ model, el }) {
  const output = outputOf(model, el);
  output.start();
  return () => output.end();
}
