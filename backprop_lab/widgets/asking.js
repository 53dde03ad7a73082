// Boxes for what a kernel can be asked for: another mode, another output, another seed. It traces the function again and
// sends a new film; the player keeps its place. settings.py has what each is now and what may be chosen. Inputs move in the
// page where it can follow them. Pages of their own come without this file.

/** Those that need the kernel, in their order on the page. One without choices is a number. @type {Setting[]} */
const SETTINGS = [
  { name: "mode", label: "show", texts: { value: "values only", forward: "forward mode", reverse: "reverse mode", both: "forward and reverse" } },
  { name: "wrt", label: "the input that moves" },
  { name: "output", label: "derivative of" },
  { name: "constants", label: "show constants", texts: { "but counters": "without those of loops" } },
  { name: "seed", label: "seed" },
];
const MOST_INPUTS = 24; // that have a box

/** A box for a number; Enter or leaving it takes the number. */
class NumberBox {
  /** @param {string} name @param {number} value @param {(x: number) => void} taken @param {Settings} panel */
  constructor(name, value, taken, panel) {
    this.name = name;
    this.last = value;
    this.taken = taken;
    this.panel = panel;
    this.complaint = "";
    this.box = make("label", "bl-choice");
    this.field = make("input", "bl-number");
    Object.assign(this.field, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 40, value: this.text(value) });
    this.field.addEventListener("change", () => this.take());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.take();
      if (event.key === "Escape") focusPlayer(this.field);
      event.stopPropagation(); // the box keeps its keys
    });
    this.box.append(make("span", "bl-number-name", `${name} =`), this.field);
  }

  /** @param {number} x */
  text(x) {
    return Number.isFinite(x) ? String(Number(x.toPrecision(6))) : wrote(x, 6);
  }

  /** @param {number} x */
  set(x) {
    this.field.value = this.text(x);
    this.complain("");
  }

  /** Say what is wrong, or nothing; only a box's own complaint is taken back, since Enter takes a number twice. @param {string} complaint */
  complain(complaint) {
    this.field.setAttribute("aria-invalid", String(Boolean(complaint)));
    if (complaint || this.panel.words.textContent === this.complaint) this.panel.say(complaint);
    this.complaint = complaint;
  }

  take() {
    const { value: typed, trouble } = typedNumber(this.field.value);
    this.complain(trouble ? `${this.name}: ${trouble}` : "");
    if (!trouble && typed !== this.last && this.field.value !== this.text(this.last)) {
      this.last = typed;
      this.taken(typed);
    }
  }
}

/** All of them. */
class AskingBoxes {
  /** @param {Settings} panel @param {Player} player @param {(request: Record<string, any>) => void} ask */
  constructor(panel, player, ask) {
    this.panel = panel;
    this.player = player;
    this.options = player.film.options;
    this.ask = ask;
    /** @type {Map<string, (x: number) => void>} what shows each input's number */
    this.shown = new Map();
    /** @type {Record<string, any>} */
    this.wanted = { mode: this.options.mode, inputs: {} };
    /** @type {Map<string, HTMLSelectElement>} */
    this.lists = new Map();
    const { choices, inputs } = this.options;
    for (const setting of SETTINGS) if (choices[setting.name]) panel.element.append(this.box(setting));
    for (const { name, value } of inputs.slice(0, MOST_INPUTS)) panel.element.append(this.input(name, Number(value))); // inf and nan come as text
  }

  /** A list, or a box for a number. @param {Setting} setting */
  box({ name, label, texts = {} }) {
    const choices = this.options.choices[name].map((value) => [value, texts[value] ?? value]);
    const send = (/** @type {any} */ value) => this.send({ [name]: value });
    if (!choices.length) return new NumberBox(label, Number(this.options[name]), send, this.panel).box;
    const { box, list } = select(label, choices, this.options[name], send);
    this.lists.set(name, list);
    return box;
  }

  /** An input's box, with a slider around its value. @param {string} name @param {number} value */
  input(name, value) {
    const send = (/** @type {number} */ x) => {
      this.panel.say("");
      if (this.player.moves) this.player.move({ [name]: x });
      else this.send({ inputs: { ...this.wanted.inputs, [name]: x } });
    };
    const number = new NumberBox(name, value, send, this.panel);
    const slider = make("input", "bl-turn");
    const reach = Math.max(1, Math.abs(value));
    Object.assign(slider, { type: "range", min: String(value - reach), max: String(value + reach), step: String(reach / 20) });
    slider.value = String(value);
    slider.setAttribute("aria-label", `${name}, by slider`);
    slider.addEventListener("input", () => number.set(Number(slider.value)));
    slider.addEventListener("change", () => send(Number(Number(slider.value).toPrecision(6))));
    this.shown.set(name, (x) => {
      number.last = x;
      number.set(x);
      slider.value = String(x);
      this.wanted.inputs[name] = x;
    });
    number.field.dataset.focus = `box-${name}`;
    slider.dataset.focus = `slider-${name}`;
    if (Number.isFinite(value)) number.box.append(slider);
    return number.box;
  }

  /** The inputs have other numbers. @param {Record<string, number>} given */
  renew(given) {
    for (const [name, x] of Object.entries(given)) this.shown.get(name)?.(x);
  }

  /** @param {Record<string, any>} change */
  send(change) {
    this.panel.say("");
    Object.assign(this.wanted, change);
    this.ask(this.wanted);
  }

  /** What was asked for is not shown: the lists show what is. */
  back() {
    for (const [name, list] of this.lists) {
      list.value = this.options[name];
      if (name in this.wanted) this.wanted[name] = this.options[name];
    }
  }
}
