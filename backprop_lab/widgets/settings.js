// Settings. Most need the kernel: another mode, other inputs, another output, another seed. The kernel traces the function
// again and sends a new film; the player keeps its place. settings.py has what each is now and what may be chosen.

/** Those that need the kernel, in their order on the page. One without choices is a number. @type {Setting[]} */
const SETTINGS = [
  { name: "mode", label: "show", texts: { value: "values only", forward: "forward mode", reverse: "reverse mode", both: "forward and reverse" } },
  { name: "wrt", label: "the input that moves" },
  { name: "output", label: "derivative of" },
  { name: "constants", label: "show constants", texts: { "but counters": "without those of loops" } },
  { name: "seed", label: "seed" },
];
/** Those that the page keeps itself, to be ticked; a page without a kernel has no others. @type {OwnSetting[]} */
const OWN_SETTINGS = [
  {
    label: "motion",
    title: "Whether the number of a step travels along its edge",
    now: (mind) => mind.motion,
    choose: (mind, on) => {
      mind.motion = on;
      rememberMotion(on);
    },
  },
];
const MOST_INPUTS = 24; // that have a box

/** The panel. `ask(request)` sends what is wanted; without a kernel there is none. */
class Settings {
  /** @param {Film} film @param {Mind} mind @param {((request: Record<string, any>) => void) | null} ask */
  constructor(film, mind, ask) {
    this.options = film.options;
    this.ask = ask;
    this.element = make("div", "bl-settings");
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "settings");
    /** @type {Map<string, (x: number) => void>} what shows each input's number */
    this.shown = new Map();
    this.words = make("div", "bl-trouble");
    this.words.setAttribute("role", "alert");
    /** @type {Record<string, any>} */
    this.wanted = { mode: this.options.mode, inputs: {} };
    /** @type {Map<string, HTMLSelectElement>} */
    this.lists = new Map();
    const { choices, inputs } = ask ? this.options : { ...this.options, choices: /** @type {Options["choices"]} */ ({}), inputs: [] };
    for (const setting of SETTINGS) if (choices[setting.name]) this.element.append(this.box(setting));
    for (const { name, value } of inputs.slice(0, MOST_INPUTS)) this.element.append(this.input(name, Number(value))); // inf and nan come as text
    for (const { label, title, now, choose } of OWN_SETTINGS) this.element.append(ticker(label, title, now(mind), (on) => choose(mind, on)));
    if (ask) this.element.append(this.words); // its place is kept, so that nothing moves
  }

  /** A list, or a box for a number. @param {Setting} setting */
  box({ name, label, texts = {} }) {
    const choices = this.options.choices[name].map((value) => [value, texts[value] ?? value]);
    const send = (/** @type {any} */ value) => this.send({ [name]: value });
    if (!choices.length) return new NumberBox(label, Number(this.options[name]), send, this.say).box;
    const { box, list } = select(label, choices, this.options[name], send);
    this.lists.set(name, list);
    return box;
  }

  /** An input's box, with a slider around its value. @param {string} name @param {number} value */
  input(name, value) {
    const send = (/** @type {number} */ x) => this.send({ inputs: { ...this.wanted.inputs, [name]: x } });
    const number = new NumberBox(name, value, send, this.say);
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

  say = (/** @type {string} */ text) => {
    this.words.textContent = text;
  };

  /** @param {Record<string, any>} change */
  send(change) {
    this.say("");
    Object.assign(this.wanted, change);
    this.ask?.(this.wanted);
  }

  /** Why a request cannot be met; the lists show what is shown, and not what was asked for. @param {string} text */
  trouble(text) {
    this.say(text);
    for (const [name, list] of this.lists) {
      list.value = this.options[name];
      if (name in this.wanted) this.wanted[name] = this.options[name];
    }
  }
}
