// A film whose inputs move: the numbers of all its steps at any inputs, and with them its texts. film/live.py has what
// the slots in its texts mean; film/film.py says the same of the inputs at which it was made, and a test compares them.

/** A step as a sweep takes it, of how a frame calls it: `c4_0`. @param {string} [does] @returns {Move} */
function moveOf(does = "") {
  const [first, second] = does.slice(1).split("_").map(Number);
  return { sign: does[0] ?? "", id: first, child: first, slot: second ?? 0 };
}

/** The numbers of one pane. */
class LivePane {
  /** @param {Live} live @param {Pane} pane */
  constructor(live, pane) {
    this.live = live;
    this.pane = pane;
    this.moves = pane.frames.map(({ does, id }) => ({ ...moveOf(does), ...(id === undefined ? {} : { id }) }));
    this.under = 0; // how many sweeps there are
    /** @type {number[]} for each frame the sweep that is under way, from 1 */
    this.sweep = this.moves.map(({ sign }, k) => (this.under += Number(sign === "s" && (k < 2 || this.moves[k - 1].sign !== "s"))));
    /** @type {Map<string, number>[]} for each sweep the frames at which its edges send something */
    this.sends = [];
    this.moves.forEach(({ sign, child, slot }, k) => sign === "c" && ((this.sends[this.sweep[k]] ??= new Map()).set(`c${child}_${slot}`, k)));
    /** @type {StepNumbers<any>[]} */
    this.steps = [];
    /** @type {any[][]} by sweep and node */
    this.ends = [];
    /** @type {number[][]} the same before infinite slopes were looked at */
    this.plain = [];
    this.asks = pane.asks; // with names for numbers
    this.rule = pane.mystery?.played?.rules[pane.mystery.answer]; // that is broken; of arrays the broken sweep is on the tape
    /** @type {BrokenSweep | undefined} */
    this.broken = undefined;
    /** @type {StepNumbers[]} the steps of the right sweep */
    this.right = [];
    pane.frames.forEach((frame, k) => {
      frame.fill = (text) => filled(text, (name) => this.number(name, k, frame));
    });
  }

  /** The inputs have moved. */
  renew() {
    const { live, pane, moves } = this;
    const { tape, now } = live;
    const seed = Number(pane.routes.seed);
    this.steps = [];
    this.ends = [];
    this.plain = [];
    if (pane.cells) gather(this, pane.cells);
    else for (let k = 1; k <= this.under; k += 1) {
      const frames = [...moves.keys()].filter((at) => this.sweep[at] === k && moves[at].sign !== "v");
      const own = frames.map((at) => moves[at]);
      const seeds = live.inputs.map((_, id) => (id === pane.moves?.[k - 1] ? seed : 0));
      const { steps, ends, plain } = swept((kind) => (pane.second === "tangent" ? tape.on(own, now, seeds, kind) : tape.back(own, now, seed, kind)));
      frames.forEach((at, j) => {
        this.steps[at] = steps[j];
      });
      this.ends[k] = ends;
      this.plain[k] = plain;
    }
    this.right = this.steps;
    if (this.rule) this.steps = (this.broken = brokenSweep(this, this.rule)).steps;
    pane.changes = this.changes();
    if (pane.heat) pane.heat.maps = mapsOf(this, pane.heat);
    pane.routes = { ...pane.routes, whole: this.under && !pane.mystery ? this.ends[this.under].map(alone) : null };
    if (this.asks) pane.asks = /** @type {(Question | null)[]} */ (this.asks).map((question, j) => (question && !live.trouble ? askedAgain(this, question, j + 1) : null));
    if (pane.second === "tangent") pane.costs = this.costs();
    if ("twice" in pane.matrices) pane.matrices.twice = this.twice();
  }

  /** The number, or of an array the numbers, in a slot of a step's texts. @param {string} name @param {number} k @param {Told} told @returns {Numbers} */
  number(name, k, told) {
    const step = this.steps[k];
    if (name === "B") return step.before;
    if (name === "M") return step.amount;
    if (name === "A") return step.after;
    if (name === "T") return this.steps[k + Number(this.moves[k].sign === "c")].after;
    if (/^\d/.test(name)) return this.number([told.gives ?? "", ...(told.uses ?? [])][Number(name)], k, told);
    if (name[0] === "q") return this.broken?.passed[Number(name.slice(1))] ?? NaN;
    if (name[0] === "a") return this.ends[this.sweep[k]][Number(name.slice(1))];
    if (name[0] === "c") return this.steps[this.sends[this.sweep[k]].get(name) ?? 0].amount;
    return this.live.known(name);
  }

  /** For each position the texts that change there. @returns {Record<Key, string>[]} */
  changes() {
    const { live } = this;
    const { now: { values, partials }, trouble } = live;
    const computed = new Set(this.moves.flatMap(({ sign, id }) => (sign === "v" ? [id] : [])));
    const first = Object.fromEntries(values.flatMap((x, id) => (computed.has(id) ? [] : [[`p${id}`, inCell(x)]])));
    const rest = this.moves.slice(1).map(({ sign, id }, j) => {
      const k = j + 1;
      const key = `${sign === "v" ? "p" : "a"}${id}`;
      if (trouble) return { [key]: "" };
      if (sign === "v") return { [key]: inCell(values[id]), ...(this.pane.mystery ? {} : Object.fromEntries(partials[id].map((x, slot) => [`w${id}_${slot}`, live.label(`w${id}_${slot}`, x)]))) };
      const begins = this.sweep[k] > Math.max(1, this.sweep[k - 1]); // the next sweep starts empty
      const empty = begins ? Object.fromEntries(values.map((_, other) => [`a${other}`, ""])) : {};
      return { ...empty, [key]: sign === "c" && !this.pane.mystery && this.moves[k + 1]?.sign === "+" ? pending(this.steps[k]) : inCell(this.steps[k].after) };
    });
    return [first, ...rest];
  }

  /** What the run has cost at each position (film/pace.py): a tangent that is 0 costs nothing further. */
  costs() {
    const { live: { tape }, pane, moves, steps } = this;
    const seed = Number(pane.routes.seed);
    let work = [0, 0, 0];
    let zeros = 0;
    return pane.costs.map((row, k) => {
      const { sign, id } = moves[k];
      if (this.sweep[k] !== this.sweep[k - 1]) zeros = 0;
      if (sign === "t") work = work.map((x, j) => x + this.tangentCost(tape, id, k, seed)[j]);
      if (sign === "t" || sign === "s") zeros += Number(isZero(steps[k].after));
      return [...row.slice(0, 4), this.sweep[k], ...work, zeros];
    });
  }

  /** What one tangent costs: each slope that is used, its product unless it copies or meets the seed 1, and the sum. @param {Tape} tape @param {number} id @param {number} k @param {number} seed */
  tangentCost(tape, id, k, seed) {
    const dots = /** @type {number[]} */ (this.plain[this.sweep[k]]);
    const unit = this.pane.moves?.[this.sweep[k] - 1];
    const own = this.pane.cells?.[k - 1];
    if (own) return arraysCost(own, dots, seed === 1 ? unit : undefined);
    const used = tape.ends(id).flatMap((parent, slot) => (dots[parent] === 0 ? [] : [{ cost: tape.op(id)?.costs[slot] ?? [], free: parent === unit && seed === 1 }]));
    return used.reduce((sum, { cost: [m, a, f, copies], free }) => [sum[0] + m + Number(!free && !copies), sum[1] + a, sum[2] + f], [0, Math.max(used.length - 1, 0), 0]);
  }

  /** The entries of matrices that are sums, because an operand is used twice. */
  twice() {
    const { tape, now } = this.live;
    const partials = /** @type {number[][]} */ (now.partials);
    const pairs = tape.code.flatMap((_, id) => {
      const [a, b] = tape.ends(id);
      return a === b && b !== undefined ? [[`${id}_${a}`, wrote(partials[id][0] + partials[id][1])]] : [];
    });
    return Object.fromEntries(pairs);
  }
}

/** A sum that the next step will carry out. @param {StepNumbers} step */
function pending({ before, amount }) {
  const more = inCell(amount);
  return `${inCell(before)} ${more.startsWith("−") ? `− ${more.slice(1)}` : `+ ${more}`}`;
}

/** All numbers of a film. */
class Live {
  /** @param {Film} film @param {TapeData} data */
  constructor(film, data) {
    this.film = film;
    this.data = data;
    this.tape = new Tape(data);
    this.entries = data.cells ? entriesOf(film.names, data.cells, this.tape.code) : null;
    this.names = this.entries?.map(({ name }) => name) ?? this.tape.code.flatMap((code, id) => (code === -1 ? film.names[id] : []));
    this.start = this.names.map((_, id) => Number(data.values[id]));
    this.inputs = this.start;
    this.branch = false; // whether that is because another branch would be taken
    this.first = this.atFirst();
    this.now = this.first;
    this.played = this.first.played;
    /** why the film cannot follow these inputs */
    this.trouble = data.cells ? beyond(film, data.cells, this.played) : "";
    this.panes = (film.panes ?? [/** @type {Pane} */ (film)]).map((pane) => new LivePane(this, pane));
    this.renew();
  }

  /** The engine's numbers, to the last digit. */
  atFirst() {
    const played = this.data.cells ? this.tape.play(this.start, true, this.data.values).values : this.data.values.map(Number);
    const { values, partials } = this.numbers(played);
    for (const { id, partial } of this.film.edges) {
      const { child, slot } = moveOf(id);
      if (partial !== null) partials[child][slot] = Number(partial);
    }
    return { values, partials, played };
  }

  /** What the nodes have of the numbers on the tape: of a graph with arrays more than one each. @param {number[]} played @returns {AllNumbers} */
  numbers(played) {
    const { cells } = this.data;
    return cells ? arrayNumbers(cells, played) : { values: played, partials: this.tape.partials(played), played };
  }

  /** What stands on an edge. @param {Key} key @param {Numbers} x */
  label(key, x) {
    return this.data.cells ? labelled(this.data.cells.labels[key], x) : wrote(/** @type {number} */ (x));
  }

  /** Inputs and constants alone. */
  unknown() {
    const { code, left } = this.tape;
    return this.numbers(code.map((kind, id) => (kind === -1 ? this.inputs[id] : kind === -2 ? this.tape.number(left[id], []) : NaN)));
  }

  renew() {
    for (const edge of this.film.mystery ? [] : this.film.edges) { // it keeps its partials
      const { child, slot } = moveOf(edge.id);
      edge.partial = alone(this.now.partials[child]?.[slot]);
    }
    for (const pane of this.panes) pane.renew();
  }

  /** Other inputs, by name. @param {Record<string, any>} given @returns {boolean} whether anything has changed */
  set(given) {
    if (this.entries) given = byEntry(given, this.entries);
    const inputs = this.names.map((name, id) => (typeof given[name] === "number" ? given[name] : this.inputs[id]));
    if (inputs.every((x, id) => Object.is(x, this.inputs[id]))) return false;
    this.inputs = inputs;
    const run = this.tape.play(inputs);
    this.trouble = this.troubleOf(run) || (this.data.cells ? beyond(this.film, this.data.cells, run.values) : "");
    this.branch = Boolean(run.guard) || (Boolean(this.trouble) && !run.left);
    if (this.trouble) this.now = this.unknown();
    else if (inputs.every((x, id) => Object.is(x, this.start[id]))) this.now = this.first;
    else this.now = this.numbers(run.values);
    this.played = this.now.played;
    this.renew();
    return true;
  }

  /** The inputs by name. @returns {Record<string, Numbers>} */
  given() {
    if (!this.entries) return Object.fromEntries(this.names.map((name, id) => [name, this.inputs[id]]));
    return givenArrays(this, this.entries);
  }

  /** Why a run has ended early, as the engine says it. @param {Run} run */
  troubleOf({ left, guard }) {
    if (guard) return `${guard.text}.`;
    if (!left) return "";
    const { id, slot, taken } = left;
    const place = /** @type {number} */ (this.data.cells?.nodes[id] ?? id);
    const name = this.data.ops[this.tape.code[place]];
    const numbers = (name === "power" ? taken : [taken[slot]]).map((x) => wrote(x, 6).replaceAll("−", "-"));
    return `${worded(WORDS.outside[name][slot], [...numbers, this.film.names[id], String(this.data.lines?.[id] ?? "None")])}.`;
  }

  /** A value or a local partial. @param {string} name @returns {Numbers} */
  known(name) {
    const { child, slot } = moveOf(name);
    if (name[0] === "t") return this.played[child] ?? NaN;
    return name[0] === "p" ? this.now.values[child] : this.now.partials[child]?.[slot] ?? NaN;
  }

  /** A text that belongs to no step, with its numbers in. @param {string} text @param {Key[]} [keys] the numbers that it names by their place here */
  fill(text, keys = []) {
    return filled(text, (name) => this.known(keys[Number(name)] ?? name));
  }

  /** What is to be noted of a node: that its number is not what its formula means, or how its slope was chosen. @param {number} id @returns {{kind: string, sentence: string} | null} */
  note(id) {
    const { tape, data, played } = this;
    const place = data.cells ? data.cells.nodes[id] : id;
    if (this.trouble || place === undefined) return null;
    if (data.cells && (typeof place !== "number" || (data.shown?.[id] && data.cells.own[place] !== id))) return noteOfMany(this, id);
    if (typeof place !== "number") return null;
    const op = tape.op(place);
    const y = played[place];
    if (!op) return Number.isFinite(y) ? null : { kind: "given", sentence: worded(WORDS.notes.given, [this.film.names[id], wrote(y)]) };
    const operands = tape.operands(place, played);
    const said = (/** @type {string} */ kind, /** @type {string} */ words) => ({ kind, sentence: worded(words, [this.fill(data.shown?.[id] ?? "")]) });
    if (operands.some(Number.isNaN)) return null;
    if (Number.isNaN(y)) return said("nan", WORDS.notes.nan);
    const finite = operands.every(Number.isFinite);
    if (!Number.isFinite(y)) return finite ? said("overflow", WORDS.notes[y > 0 ? "above" : "below"]) : null;
    const factors = op.vanishes === "where an operand does" && operands.slice(0, op.slopes.length).every(Boolean);
    if (y === 0 && finite && (op.vanishes === "never" || factors)) return said("underflow", WORDS.notes.underflow);
    const kink = tape.kink(place, played);
    return kink < 0 ? null : said("kink", WORDS.kinks[data.ops[tape.code[place]]][kink]);
  }
}

/** A number that stands alone; null for an array, or none. @param {Numbers | undefined} x */
const alone = (x) => (typeof x === "number" ? x : null);

/** Words with something in the place of each `{}`. @param {string} words @param {(string | number)[]} things */
function worded(words, things) {
  const left = [...things];
  return words.replace(/\{\}/g, () => String(left.shift() ?? ""));
}
