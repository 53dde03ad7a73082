// The student's function in the page: value and slopes at a point, the mean over data, values on a grid, all from tapes.

const FINE = 0;
const OUTSIDE = 1; // of a domain
const ELSEWHERE = 2; // another way through the function

/** A tape that is played at many points, forwards and back, in arrays that stay. */
class Sheet extends Tape {
  /** @param {SheetData} data */
  constructor(data) {
    super({ ...data, values: [], shown: {}, lines: {} });
    this.out = data.out;
    this.each = this.code.map((_, id) => this.op(id));
    this.checks = this.code.map((_, id) => this.guards.get(id));
    this.values = new Float64Array(this.code.length);
    this.bars = new Float64Array(this.code.length);
  }

  /** The values of all nodes; how far that goes. @param {number[]} point @param {number[]} row */
  at(point, row) {
    const { each, checks, code, left, values } = this;
    for (let id = 0; id < each.length; id += 1) {
      const op = each[id];
      if (!op) values[id] = code[id] === -1 ? (id < point.length ? point[id] : row[id - point.length]) : this.number(left[id], values);
      else {
        const a = values[left[id]];
        const b = this.number(this.right[id], values);
        if (op.outside && (op.outside[0]?.(a) || op.outside[1]?.(b))) return OUTSIDE;
        if (op.setting && ((a === 0 && b < 0) || (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)))) return OUTSIDE;
        values[id] = op.value(a, b);
      }
      if (checks[id]?.some((guard) => !this.holds(guard, values))) return ELSEWHERE;
    }
    return FINE;
  }

  /** The result's slopes after `at`: what does not move, or was not reached, sends nothing. */
  bring() {
    const { each, left, right, values, bars } = this;
    bars.fill(0);
    bars[this.out] = 1;
    for (let id = this.out; id >= 0; id -= 1) {
      const op = each[id];
      const bar = bars[id];
      if (!op || bar === 0) continue;
      const a = values[left[id]];
      const b = this.number(this.right[id], values);
      const [first, second] = op.slopes;
      if (first) bars[left[id]] += bar * first(values[id], a, b);
      if (second && !op.setting) bars[right[id]] += bar * second(values[id], a, b);
    }
    return bars;
  }
}

/** A function of one or two numbers, or its mean over the rows of some data. */
class Terrain {
  /** @param {SurfaceData} data */
  constructor(data) {
    this.data = data;
    this.sheets = data.ways.map((way) => new Sheet(way));
    this.dims = data.names.length;
    this.all = data.rows.length ? data.rows : [[]];
    this.sheet = this.sheets[0];
  }

  /** Play the way that a point takes. @param {number[]} point @param {number[]} row */
  play(point, row) {
    let how = this.sheet.at(point, row);
    for (let k = 0; how === ELSEWHERE && k < this.sheets.length; k += 1) {
      this.sheet = this.sheets[k];
      how = this.sheet.at(point, row);
    }
    return how;
  }

  /** Why there is no value. @param {number} how @param {number[]} point */
  why(how, point) {
    const { name, names } = this.data;
    const where = names.map((one, k) => `${one} = ${wrote(point[k], 4)}`).join(", ");
    if (how === OUTSIDE) return `${name} has no value at ${where}`;
    return `${name} takes a way at ${where} that was not sent to this page; run the cell again with a start near there`;
  }

  /** Value and slopes, of the mean over some rows or all. @param {number[]} point @param {number[][]} [rows] @returns {Spot} */
  measure(point, rows = this.all) {
    let loss = 0;
    const slope = point.map(() => 0);
    for (const row of rows) {
      const how = this.play(point, row);
      if (how) return { loss: NaN, slope: point.map(() => NaN), trouble: this.why(how, point) };
      loss += this.sheet.values[this.sheet.out];
      const bars = this.sheet.bring();
      for (let k = 0; k < slope.length; k += 1) slope[k] += bars[k];
    }
    const n = rows.length;
    return { loss: loss / n, slope: slope.map((x) => x / n), trouble: "" };
  }

  /** The value alone, nan where there is none. @param {number[]} point */
  value(point) {
    let loss = 0;
    for (const row of this.all) {
      if (this.play(point, row)) return NaN;
      loss += this.sheet.values[this.sheet.out];
    }
    return loss / this.all.length;
  }

  /** How much larger the noise of a batch's gradient is than the gradient of all the data: above 1 the way is lost.
   * In one dimension it is 2 where the rows pull both ways, 0 where they agree. @param {number[]} point @param {number} batch */
  noise(point, batch) {
    const sum = point.map(() => 0);
    let squares = 0;
    let [up, down] = [false, false];
    for (const row of this.all) {
      if (this.play(point, row)) return NaN;
      const bars = this.sheet.bring();
      for (let k = 0; k < sum.length; k += 1) {
        sum[k] += bars[k];
        squares += bars[k] ** 2;
      }
      if (bars[0] > 0) up = true;
      if (bars[0] < 0) down = true;
    }
    if (this.dims === 1) return up && down ? 2 : 0;
    const n = this.all.length;
    const share = n > 1 ? (n - batch) / (n - 1) : 0; // drawn without replacement
    const long = sum.reduce((total, x) => total + (x / n) ** 2, 0);
    return Math.sqrt((Math.max(0, squares / n - long) * share) / batch / long);
  }

  /** How many points a grid may have: as many as take a tenth of a second or so. @param {number} most */
  room(most) {
    const cost = this.all.length * this.sheets[0].code.length;
    return Math.max(400, Math.min(most, Math.floor(4e6 / cost)));
  }

  /** Values on a grid over what is shown. @param {number} wide @param {number} high @param {number} batch of whose gradients the noise is wanted; 0 for none @returns {Grid} */
  grid(wide, high, batch) {
    const { span } = this.data;
    const line = (/** @type {[number, number]} */ [from, to], /** @type {number} */ n) => Array.from({ length: n }, (_, k) => from + ((to - from) * k) / (n - 1));
    const xs = line(span[0], wide);
    const ys = this.dims === 2 ? line(span[1], high) : [0];
    const values = new Float64Array(xs.length * ys.length);
    const noisy = batch ? new Float64Array(values.length) : null;
    ys.forEach((y, j) => xs.forEach((x, i) => {
      const point = this.dims === 2 ? [x, y] : [x];
      values[j * xs.length + i] = this.value(point);
      if (noisy) noisy[j * xs.length + i] = this.noise(point, batch);
    }));
    return { xs, ys, values, noisy };
  }
}
