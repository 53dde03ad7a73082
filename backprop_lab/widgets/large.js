// A film over a large graph: it comes as columns (film/large.py), and the steps, their numbers and what is said of them are
// made here when they are wanted. The order is the engine's (graph/sweeps.py), and so are the numbers; a test compares them.

/** The steps of a large film. */
class Large {
  /** @param {LargeData} data @param {string} mode */
  constructor(data, mode) {
    this.data = data;
    this.mode = mode;
    this.veiled = false; // whether a local partial is kept until it is used
    this.tape = new Tape({ ...data, told: [], shown: {}, lines: {} });
    this.values = data.values.map(Number);
    this.hidden = new Set(data.hidden); // constants of which nothing is told
    this.ends = this.tape.code.map((_, id) => this.tape.ends(id));
    /** @type {string[]} */
    this.signs = [""];
    /** @type {number[]} for each step its node, and for one that an edge does also the edge's child and slot */
    this.ids = [-1];
    /** @type {number[]} */
    this.senders = [-1];
    /** @type {number[]} */
    this.slots = [-1];
    this.before = [NaN];
    this.amount = [NaN];
    this.after = [NaN];
    /** @type {number[]} at which step each value is known; 0 from the start */
    this.known = this.tape.code.map(() => 0);
    /** @type {number[][]} for each node, the steps that change its adjoint */
    this.arrives = this.tape.code.map(() => []);
    /** @type {number[]} where each forward sweep begins */
    this.sweeps = [];
    const forward = mode === "forward" || mode === "sweeps";
    /** The tangents, by sweep. */
    this.dots = forward ? data.dots.map((dots) => column(dots, false)) : [];
    const [first] = this.dots;
    if (mode === "forward") this.seeds(first);
    this.many = this.signs.length; // up to here inputs are set in motion
    this.tape.code.forEach((code, id) => {
      if (code < 0) return;
      this.known[id] = this.add("v", id, -1, -1, NaN, this.values[id], this.values[id]);
      if (mode === "forward") this.moves("t", id, first);
    });
    if (mode !== "forward") this.many = this.signs.length; // or up to here the values are computed
    if (mode === "reverse") this.sweep();
    for (const dots of mode === "sweeps" ? this.dots : []) {
      this.seeds(dots);
      this.tape.code.forEach((code, id) => code >= 0 && this.moves("t", id, dots));
    }
  }

  /** A forward sweep begins. @param {number[]} dots */
  seeds(dots) {
    this.sweeps.push(this.signs.length);
    this.tape.code.forEach((code, id) => code === -1 && this.moves("s", id, dots));
  }

  /** A step of a forward sweep. @param {string} sign @param {number} id @param {number[]} dots */
  moves(sign, id, dots) {
    this.arrives[id].push(this.add(sign, id, -1, -1, NaN, dots[id], dots[id]));
  }

  /** The tangents of the sweep that a step is of. @param {number} k */
  dotsAt(k) {
    return this.dots[firstAfter(this.sweeps, k) - 1];
  }

  /** @param {string} sign @param {number} id @param {number} child @param {number} slot @param {number} before @param {number} amount @param {number} after */
  add(sign, id, child, slot, before, amount, after) {
    this.signs.push(sign);
    for (const [list, x] of /** @type {[number[], number][]} */ ([[this.ids, id], [this.senders, child], [this.slots, slot], [this.before, before], [this.amount, amount], [this.after, after]])) list.push(x);
    return this.signs.length - 1;
  }

  /** The local partial on an edge. @param {number} child @param {number} slot */
  partial(child, slot) {
    const slope = this.tape.op(child)?.slopes[slot];
    return slope ? slope(this.values[child], ...this.tape.operands(child, this.values)) : 0;
  }

  /** From the output back: first operand first, and none before everything it influences is done. */
  sweep() {
    const { ends, data: { output, seed } } = this;
    const needed = ends.map(() => false);
    const waiting = ends.map(() => 0);
    needed[output] = true;
    for (let id = output; id >= 0; id -= 1) {
      if (!needed[id]) continue;
      for (const parent of ends[id]) {
        needed[parent] = true;
        waiting[parent] += 1;
      }
    }
    /** @type {number[]} */
    const bars = [];
    bars[output] = Number(seed);
    this.arrives[output].push(this.add("s", output, -1, -1, NaN, bars[output], bars[output]));
    const stack = [output];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      ends[id].forEach((parent, slot) => this.send(bars, parent, id, slot));
      for (const parent of [...ends[id]].reverse()) if ((waiting[parent] -= 1) === 0) stack.push(parent);
    }
  }

  /** @param {number[]} bars @param {number} id @param {number} child @param {number} slot */
  send(bars, id, child, slot) {
    const amount = bars[child] * this.partial(child, slot);
    const had = bars[id];
    bars[id] = had === undefined ? amount : had + amount;
    if (this.hidden.has(id)) return;
    this.arrives[id].push(this.add("c", id, child, slot, had ?? 0, amount, had ?? amount));
    if (had !== undefined) this.arrives[id].push(this.add("+", id, child, slot, had, amount, bars[id]));
  }

  /** A node's whole adjoint. @param {number} id */
  adjoint(id) {
    const steps = this.arrives[id];
    return steps.length ? this.after[steps[steps.length - 1]] : 0;
  }

  /** The text of a key at a position. @param {Key} key @param {number} at */
  text(key, at) {
    const [id, slot] = key.slice(1).split("_").map(Number);
    if (key[0] === "p") return at < this.known[id] ? "" : inCell(this.values[id]);
    if (key[0] === "w") return at < (this.veiled ? this.used(id, slot) : this.known[id]) ? "" : wrote(this.partial(id, slot));
    const steps = this.arrives[id];
    const low = firstAfter(steps, at);
    const begun = this.sweeps[firstAfter(this.sweeps, at) - 1] ?? 0; // the next sweep starts empty
    return low && steps[low - 1] >= begun ? inCell(this.after[steps[low - 1]]) : ""; // a sum that waits has not changed the number
  }

  /** The step that multiplies by the local partial on an edge. @param {number} child @param {number} slot */
  used(child, slot) {
    if (this.mode !== "reverse") return this.arrives[child][0] ?? Infinity;
    return this.arrives[this.ends[child][slot]].find((k) => this.senders[k] === child && this.slots[k] === slot) ?? Infinity;
  }

  /** The nodes and numbers that a step reads. @param {number} k */
  reads(k) {
    return "vt".includes(this.signs[k] || "-") ? this.ends[this.ids[k]].filter((id) => !this.hidden.has(id)) : this.signs[k] === "c" ? [this.senders[k]] : [];
  }
}

/** A step of a large film, with what is told of it. @implements {Frame} */
class LargeFrame {
  /** @param {Large} large @param {number} k */
  constructor(large, k) {
    this.large = large;
    this.k = k;
  }

  get kind() {
    return STEPS[this.large.signs[this.k]];
  }

  get does() {
    const { ids, senders, slots, signs } = this.large;
    return `${signs[this.k]}${this.by === undefined ? ids[this.k] : `${senders[this.k]}_${slots[this.k]}`}`;
  }

  get phase() {
    return this.k ? phaseOf(this.large.mode, this.kind) : "start";
  }

  get id() {
    return this.k ? this.large.ids[this.k] : undefined;
  }

  get by() {
    return this.large.senders[this.k] < 0 ? undefined : this.large.senders[this.k];
  }

  get node() {
    return this.name(this.large.ids[this.k]);
  }

  get gives() {
    return this.k ? `${this.kind === "value" ? "p" : "a"}${this.id}` : undefined;
  }

  /** @type {Key[]} */
  get uses() {
    const { large, k } = this;
    if (this.kind === "sum") return [`a${this.id}`];
    if (this.kind === "contribution") return [`a${this.by}`, `w${this.does.slice(1)}`];
    if (this.kind === "tangent") return [...new Set(this.moving.flatMap(({ parent, slot }) => [`w${this.id}_${slot}`, `a${parent}`]))];
    return [...new Set(large.reads(k).map((id) => `p${id}`))];
  }

  /** Of a tangent, the operands that are no constants. */
  get moving() {
    const { ends, ids, tape } = this.large;
    return ends[ids[this.k]].map((parent, slot) => ({ parent, slot })).filter(({ parent }) => tape.code[parent] !== -2);
  }

  get lit() {
    /** @type {Lit} */
    const lit = {};
    if (!this.k) return lit;
    for (const id of this.large.reads(this.k)) lit[`n${id}`] = ["bl-read"];
    lit[`n${this.id}`] = ["bl-write"];
    const forward = this.kind === "value" || this.kind === "tangent";
    const own = forward ? this.large.ends[this.large.ids[this.k]] : [];
    const edges = forward ? own.flatMap((id, slot) => (this.large.hidden.has(id) ? [] : [`e${this.id}_${slot}`])) : this.by === undefined ? [] : [`e${this.does.slice(1)}`];
    for (const edge of edges) lit[edge] = ["bl-lit"];
    if (this.kind !== "value" && this.large.mode === "reverse") lit.svg = ["bl-reverse"];
    return lit;
  }

  /** @param {number} id */
  name(id) {
    return this.large.data.names[id] ?? "";
  }

  /** @param {string} text */
  fill(text) {
    return text;
  }

  /** The numbers of a step, written. */
  get numbers() {
    const { before, amount, after } = this.large;
    const [child, slot] = [this.by ?? -1, this.large.slots[this.k]];
    const bar = child < 0 ? NaN : this.large.adjoint(child);
    const slope = this.kind === "contribution" ? this.large.partial(child, slot) : NaN;
    return [bar, slope, before[this.k], amount[this.k], after[this.k]].map((x) => wrote(x));
  }

  get say() {
    const { kind, node } = this;
    const [bar, slope, before, amount, after] = this.numbers;
    if (!this.k) return this.large.data.opening;
    if (kind === "value") return `${node} = ${this.large.data.is[this.large.ids[this.k]]} = ${after}.`;
    const forward = this.large.dots.length > 0 && kind !== "value";
    if (forward && after === "0") return kind === "seed" ? `${node} is held still: its rate of change is 0.` : `${node} does not move. ${this.rule} is 0.`;
    if (forward) return kind === "seed" ? `${node} is the input we move: it changes at rate ${after}.` : `${this.rule}: ${node} changes at rate ${after}.`;
    if (kind === "seed") return `The sweep starts at ${node}: its derivative with respect to itself is ${after}.`;
    const held = (/** @type {string} */ text) => (text[0] === "−" ? `(${text})` : text);
    if (kind === "contribution") return `${this.name(this.by ?? -1)} sends ${bar} · ${held(slope)} = ${amount} to ${node}.`;
    return `Another contribution has reached ${node}: ${before} + ${held(amount)} = ${after}.`;
  }

  /** How a tangent comes about, in words. */
  get rule() {
    return this.moving.length > 1 ? "Each operand's rate times its local partial, added up" : "The operand's rate times the local partial";
  }

  get formula() {
    const { kind, node } = this;
    if (!this.k) return "";
    const sign = (/** @type {string} */ text) => `<mo>${text}</mo>`;
    const number = (/** @type {string} */ text, /** @type {number} */ k) => `<mn k=${k}>${text}</mn>`;
    const held = (/** @type {string} */ text, /** @type {number} */ k) => (text[0] === "−" ? `<mrow><mo>(</mo>${number(text, k)}<mo>)</mo></mrow>` : number(text, k));
    const [came, slope, before, amount, after] = this.numbers;
    const swept = this.large.dots.length > 0 && kind !== "value";
    const own = letter(node, 0, swept);
    if (kind === "value") return own + sign("=") + expression(this.large.data.is[this.large.ids[this.k]]) + sign("=") + number(after, 0);
    if (kind === "seed") return own + sign("=") + number(after, 0);
    if (kind === "sum") return own + sign("=") + number(before, 1) + sign("+") + held(amount, 1) + sign("=") + number(after, 0);
    if (kind === "tangent") {
      const { large, uses } = this;
      const dots = large.dotsAt(this.k);
      const terms = this.moving.map(({ parent, slot }, k) => {
        const [dot, slope] = [`a${parent}`, `w${this.id}_${slot}`].map((key) => 1 + uses.indexOf(key));
        const [x, dx] = [large.partial(this.id ?? -1, slot), dots[parent]].map((one) => wrote(one, 6));
        const letters = `<mfrac k=${slope}><mrow><mo>∂</mo>${letter(node)}</mrow><mrow><mo>∂</mo>${letter(this.name(parent))}</mrow></mfrac>${sign("·")}${letter(this.name(parent), dot, true)}`;
        return [letters, (k ? held : number)(x, slope) + sign("·") + held(dx, dot)];
      });
      const sums = terms.length ? [0, 1].map((j) => terms.map((term) => term[j]).join(sign("+")) + sign("=")) : [];
      return own + sign("=") + sums.join("") + number(after, 0);
    }
    const child = this.name(this.by ?? -1);
    const partial = `<mfrac k=2><mrow><mo>∂</mo>${letter(child)}</mrow><mrow><mo>∂</mo>${letter(node)}</mrow></mfrac>`;
    return own + sign("+=") + letter(child, 1) + sign("·") + partial + sign("=") + number(came, 1) + sign("·") + held(slope, 2) + sign("=") + number(amount, 0);
  }
}

const NUMBERED = /^(\p{L}|[\p{L}\w]*\p{L}(?=_))_?(\d+)$/u; // a name whose number is a subscript; text/notation.py has the same
const TOKEN = /([\p{L}_][\p{L}\w]*(?:\[[^\]]*\])*)|(\d[\d.]*(?:e[+−]?\d+)?)|\^(?:\((−?[\p{L}\w.]+)\)|([\p{L}\w.]+))|\S/gu; // of a formula in plain text

/** A name in a formula, with the key of its number; a tangent's has a dot. @param {string} text @param {number} [key] @param {boolean} [dotted] */
function letter(text, key, dotted = false) {
  const mark = key === undefined ? "" : ` k=${key}`;
  const low = NUMBERED.exec(text);
  const own = (/** @type {string} */ k, /** @type {string} */ name) => (dotted ? `<mover accent="true"${k}><mi>${name}</mi><mo>˙</mo></mover>` : `<mi${k}>${name}</mi>`);
  return low ? `<msub${mark}>${own("", low[1])}<mn>${low[2]}</mn></msub>` : own(mark, escaped(text));
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A formula in plain text as one of mathematics. @param {string} text */
function expression(text) {
  /** @type {string[]} */
  const found = [];
  for (const [whole, name, number, held, bare] of text.matchAll(TOKEN)) {
    if (held || bare) found.push(`<msup>${found.pop() ?? "<mrow></mrow>"}${letter(held || bare)}</msup>`);
    else found.push(name ? letter(name) : number ? `<mn>${number}</mn>` : `<mo>${escaped(whole)}</mo>`);
  }
  return found.join("");
}

/** A film of what was sent of a large graph. @param {SentFilm} film @param {LargeData} data @returns {Film} */
function largeFilm(film, data) {
  const large = new Large(data, film.mode);
  const frames = large.signs.map((_, k) => new LargeFrame(large, k));
  const rows = data.names.map((name, node) => ({ node, name, is: data.is[node], ...data.places[data.place[node]], ...(large.hidden.has(node) ? { hidden: true } : {}) }));
  const edges = large.ends.flatMap((ends, to) => ends.flatMap((from, slot) => (large.hidden.has(from) ? [] : [{
    id: `e${to}_${slot}`, from, to,
    get partial() { return large.partial(to, slot); },
    get formula() { return `∂${data.names[to]}/∂${data.names[from]} = ${wrote(large.partial(to, slot))}`; },
  }])));
  const last = frames.length - 1;
  const { by, part } = doings(frames);
  const node = [];
  for (let k = 1; k <= last; k += 1) if (by[k] !== by[k + 1] || part[k] !== part[k + 1]) node.push(k);
  const sweep = last >= large.many ? [["seed", 1], ["adjoints", last - large.many]] : [];
  const phases = film.mode === "forward" ? [["seed", large.many - 1], ["values and tangents", last - large.many + 1]] : [["values", large.many - 1], ...sweep];
  const ends = phases.map((_, k) => phases.slice(0, k + 1).reduce((sum, [, steps]) => sum + Number(steps), 0));
  return /** @type {any} */ ({
    ...film, large, frames, rows, edges, names: { ...data.names }, costs: [], changes: [],
    phases: phases.map(([name, steps]) => ({ name, steps })),
    stops: { node, phase: ends },
  });
}

/** Two films of a large graph on one clock; filmOf in frames.js has the same of others. @param {SentFilm} film @param {LargeData} data @returns {Film} */
function largeRace(film, data) {
  const panes = (film.panes ?? []).map((pane) => largeFilm(/** @type {any} */ ({ ...film, panes: undefined, ...pane }), data));
  const [left, right] = panes;
  const values = right.large.many - 1;
  const last = Math.max(left.frames.length, right.frames.length) - 1;
  const done = { formula: "", say: "done", lit: {}, fill: (/** @type {string} */ text) => text };
  const frames = Array.from({ length: last + 1 }, (_, at) => {
    const both = panes.map((pane) => pane.frames[at] ?? done);
    return at <= values ? right.frames[at] : Object.create(right.frames[at] ?? left.frames[at], { phase: { value: "sweeps" }, both: { value: both } });
  });
  const node = right.stops.node.filter((k) => k <= values);
  for (let k = values + 1; k <= last; k += 1) node.push(k);
  return /** @type {any} */ ({
    ...right, ...film, large: right.large, changes: [], panes, frames,
    phases: [{ name: "values", steps: values }, { name: "derivatives", steps: last - values }],
    stops: { node, phase: [values, last] },
  });
}
