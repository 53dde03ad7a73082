// What plays a tape: the operations of a graph of real numbers, in columns (graph/columns.py; docs/tape.md).
// OPERATIONS, the table's entries as plain functions, is written by table/javascript.py and stands at the end of the script.

/** As Python and C have it: 1 whatever the exponent, and x·x for a square. @param {number} x @param {number} n */
function power(x, n) {
  if (n === 2) return x * x;
  return x === 1 || (x === -1 && Math.abs(n) === Infinity) ? 1 : x ** n;
}

/** The comparisons, in the order of `ORDER` in columns.py. @type {((a: number, b: number) => boolean)[]} */
const COMPARED = [(a, b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b, (a, b) => a === b, (a, b) => a !== b];

// Sweeps with numbers; and, where 0 · ∞ turns up, with rates: a coefficient for each product of infinite slopes, which
// are symbols of their own. What is told in the end does not depend on the order. graph/infinite.py has the reasons.

/** @type {SweepKind<number>} */
const NUMBERS = { made: (x) => x, times: (bar, { slope }) => bar * slope, plus: (a, b) => a + b, told: (x) => x };
/** @typedef {Map<string, number>} Rate */
/** @type {SweepKind<Rate>} */
const RATES = {
  made: (x) => new Map(x === 0 ? [] : [["", x]]),
  times(rate, { slope, name, still }) {
    if (still) return new Map();
    if (Math.abs(slope) !== Infinity) return new Map([...rate].map(([key, c]) => [key, c * slope]));
    return new Map([...rate].map(([key, c]) => [[...new Set([...key.split(" "), name])].filter(Boolean).sort().join(" "), c * Math.sign(slope)]));
  },
  plus: (a, b) => new Map([...a, ...[...b].map(([key, c]) => /** @type {[string, number]} */ ([key, c + (a.get(key) ?? 0)]))]),
  told(rate) {
    const there = [...rate].filter(([key, c]) => key || !Number.isFinite(c)).map(([, c]) => c);
    const [up, down] = [there.some((c) => c > 0), there.some((c) => c < 0)];
    if ((up && down) || there.some((c) => !(Math.abs(c) > 0))) return NaN;
    return up ? Infinity : down ? -Infinity : rate.get("") ?? 0;
  },
};

/** The numbers of a column. @param {string} text its bytes in base64; of whole numbers first how many each has @returns {number[]} */
function column(text, whole = true) {
  const kind = whole ? { 1: Int8Array, 2: Int16Array, 4: Int32Array }[text[0]] ?? Int32Array : Float64Array;
  return Array.from(new kind(Uint8Array.from(atob(text.slice(Number(whole))), (letter) => letter.charCodeAt(0)).buffer));
}

/** A tape, which can be played at any inputs. */
class Tape {
  /** @param {TapeData} data */
  constructor({ ops, code, left, right, constants = "", guards = "", told = [], cells }) {
    this.code = column(code);
    this.left = column(left);
    this.right = column(right);
    this.ops = ops.map((name) => OPERATIONS[name]);
    this.constants = column(constants, false);
    this.own = cells?.own; // of arrays' entries no domain is looked at: there a logarithm of −1 is nan
    /** @type {Map<number, Guard[]>} */
    this.guards = new Map();
    const rows = column(guards);
    told.forEach((text, k) => into(this.guards, rows[5 * k], { row: rows.slice(5 * k, 5 * k + 5), text }));
  }

  /** What stands in an operand's place: from 0 on a node's number, below 0 a constant. @param {number} k @param {ArrayLike<number>} values */
  number(k, values) {
    return k < 0 ? this.constants[-1 - k] : values[k];
  }

  /** The operation that makes a node; none for an input or a constant. @param {number} id @returns {Operation | undefined} */
  op(id) {
    return this.ops[this.code[id]];
  }

  /** What a node's operation takes: its operands, and its setting. @param {number} id @param {number[]} values */
  operands(id, values) {
    const { slopes, setting } = /** @type {Operation} */ (this.op(id));
    const first = this.number(this.left[id], values);
    return setting || slopes.length > 1 ? [first, this.number(this.right[id], values)] : [first];
  }

  /** The values of all nodes; or of those up to where a domain is left or another branch would be taken. @param {number[]} inputs @param {boolean} [on] whether branches stay as they are @param {Exact[]} [known] numbers that need not be computed @returns {Run} */
  play(inputs, on = false, known = []) {
    const { code, left, guards, own } = this;
    /** @type {number[]} */
    const values = [];
    for (let id = 0; id < code.length; id += 1) {
      const op = this.op(id);
      if (!op) values.push(code[id] === -1 ? inputs[id] : this.number(left[id], values));
      else {
        const taken = this.operands(id, values);
        const slot = own && !(id in own) ? -1 : this.outside(op, taken);
        if (slot >= 0) return { values, left: { id: own?.[id] ?? id, slot, taken } };
        values.push(known[id] == null ? op.value(...taken) : Number(known[id]));
      }
      for (const guard of (!on && guards.get(id)) || []) if (!this.holds(guard, values)) return { values, guard };
    }
    return { values };
  }

  /** Which of its operands is outside of an operation's domain, of a power why; −1 for none. @param {Operation} op @param {number[]} taken */
  outside({ outside, setting }, taken) {
    const [x, n] = taken;
    if (setting && x === 0 && n < 0) return 0;
    if (setting && x < 0 && Number.isFinite(x) && Number.isFinite(n) && !Number.isInteger(n)) return 1;
    return outside?.findIndex((one, k) => one?.(taken[k])) ?? -1;
  }

  /** At which of its operation's kinks a node is; −1 for none. @param {number} id @param {number[]} values */
  kink(id, values) {
    return this.op(id)?.kinks?.findIndex((holds) => holds(...this.operands(id, values))) ?? -1;
  }

  /** Whether a comparison comes out as it did when the function was traced. @param {Guard} guard @param {ArrayLike<number>} values */
  holds({ row: [, sign, i, j, outcome] }, values) {
    return COMPARED[sign](this.number(i, values), this.number(j, values)) === Boolean(outcome);
  }

  /** The local partials of all nodes, a list each. @param {number[]} values @returns {number[][]} */
  partials(values) {
    return this.code.map((_, id) => {
      const op = this.op(id);
      return op ? op.slopes.map((slope) => (slope ? slope(values[id], ...this.operands(id, values)) : 0)) : [];
    });
  }

  /** An edge as a sweep passes it. @param {number} child @param {number} slot @param {Played} now @returns {Passed} */
  edge(child, slot, { values, partials }) {
    const op = /** @type {Operation} */ (this.op(child));
    const slope = partials[child][slot];
    const chosen = op.chooses && slope === 0 && this.kink(child, values) < 0; // at a kink it is our choice, not a fact
    return { slope, name: `${child}_${slot}`, still: !op.slopes[slot] || Boolean(chosen) };
  }

  /** The number before and after each step of a reverse sweep, and what it brings. @template T @param {Move[]} moves @param {Played} now @param {number} seed @param {SweepKind<T>} kind @returns {Sweep} */
  back(moves, now, seed, kind) {
    /** @type {Map<number, T>} */
    const bars = new Map();
    /** @type {T | undefined} what waits for its sum */
    let late;
    const steps = moves.map(({ sign, id, child, slot }) => {
      if (sign === "s") {
        bars.set(id, kind.made(seed));
        return { before: NaN, amount: seed, after: seed };
      }
      const had = bars.get(id);
      if (sign === "+") bars.set(id, kind.plus(/** @type {T} */ (had), /** @type {T} */ (late)));
      else late = kind.times(/** @type {T} */ (bars.get(child)), this.edge(child, slot, now));
      if (had === undefined) bars.set(id, /** @type {T} */ (late));
      const [before, amount, after] = [had, late, bars.get(id)].map((x) => (x === undefined ? NaN : kind.told(x)));
      return { before, amount, after };
    });
    return { steps, ends: this.told(bars, kind) };
  }

  /** The same of a forward sweep for some inputs. @template T @param {Move[]} moves @param {Played} now @param {number[]} seeds by input @param {SweepKind<T>} kind @returns {Sweep} */
  on(moves, now, seeds, kind) {
    /** @type {Map<number, T>} what does not move is not there: it has no slope to multiply */
    const dots = new Map();
    const steps = moves.map(({ sign, id }) => {
      if (sign === "s" && seeds[id] !== 0) dots.set(id, kind.made(seeds[id]));
      const ends = sign === "s" ? [] : this.ends(id);
      ends.forEach((parent, slot) => {
        const dot = dots.get(parent);
        if (dot === undefined || !this.op(id)?.slopes[slot]) return;
        const term = kind.times(dot, this.edge(id, slot, now));
        const total = dots.get(id);
        dots.set(id, total === undefined ? term : kind.plus(total, term));
      });
      const dot = dots.get(id);
      const after = dot === undefined ? 0 : kind.told(dot);
      return { before: NaN, amount: after, after };
    });
    return { steps, ends: this.told(dots, kind) };
  }

  /** The numbers of the operands of a node. @param {number} id */
  ends(id) {
    const { slopes, setting } = this.op(id) || { slopes: [] };
    return slopes.length > 1 && !setting ? [this.left[id], this.right[id]] : slopes.length ? [this.left[id]] : [];
  }

  /** @template T @param {Map<number, T>} found @param {SweepKind<T>} kind @returns {number[]} by node; what nothing reached has 0 */
  told(found, kind) {
    return this.code.map((_, id) => {
      const x = found.get(id);
      return x === undefined ? 0 : kind.told(x);
    });
  }
}

/** A sweep with numbers, or with rates if it ends in nan, and how it ends with numbers: what costs something goes by these. @param {(kind: SweepKind<any>) => Sweep} sweep */
function swept(sweep) {
  const plain = sweep(NUMBERS);
  return { ...(plain.ends.some(Number.isNaN) ? sweep(RATES) : plain), plain: plain.ends };
}
