// Heights as lines and bands: which heights, and where they run on a grid.

/** A round step near a number: 1, 2 or 5 times a power of ten. @param {number} size */
function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  const lead = size / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

/** Round numbers from one to another, about so many. @param {number} from @param {number} to @param {number} many */
function ticksOf(from, to, many) {
  const step = roundStep((to - from) / many);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Heights that part the grid into shares of equal size, rounded as far as they stay apart. @param {Float64Array} values @param {number} many */
function heightsOf(values, many) {
  const sorted = values.filter(Number.isFinite).sort();
  if (!sorted.length || sorted[0] === sorted[sorted.length - 1]) return [];
  const wanted = Array.from({ length: many }, (_, k) => sorted[Math.floor(((k + 0.6) / many) * (sorted.length - 1))]);
  const found = new Set();
  wanted.forEach((height, k) => {
    const gap = Math.min(...[wanted[k - 1], wanted[k + 1]].filter((x) => x !== undefined).map((x) => Math.abs(x - height)).filter((x) => x > 0));
    if (!Number.isFinite(gap)) return;
    const step = roundStep(gap / 1.5);
    found.add(Number((Math.round(height / step) * step).toPrecision(12)));
  });
  return [...found].filter((x) => x > sorted[0] && x < sorted[sorted.length - 1]).sort((a, b) => a - b);
}

const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];

/** One cell at a height: the corners and crossings of what is above, in turn, and the crossings alone. @param {number[]} heights of the corners @param {number} level @param {number} i @param {number} j */
function cellAt(heights, level, i, j) {
  /** @type {number[][]} */
  const above = [];
  /** @type {number[][]} */
  const crossings = [];
  for (let k = 0; k < 4; k += 1) {
    const [a, b] = [heights[k], heights[(k + 1) % 4]];
    const [from, to] = [CORNERS[k], CORNERS[(k + 1) % 4]];
    if (a >= level) above.push([i + from[0], j + from[1]]);
    if (a >= level === b >= level) continue;
    const share = (level - a) / (b - a);
    const crossing = [i + from[0] + share * (to[0] - from[0]), j + from[1] + share * (to[1] - from[1])];
    above.push(crossing);
    crossings.push(crossing);
  }
  return { above, crossings };
}

/** Where a grid is above a height: the path of the area, whole cells of a row together, and of the line around it, in the
 * frame's pixels; and points of the line. @param {Float64Array} values @param {number} wide @param {number} high @param {number} level @param {(i: number, j: number) => string} place */
function levelOf(values, wide, high, level, place) {
  let area = "";
  let line = "";
  /** @type {number[][]} */
  const points = [];
  for (let j = 0; j < high - 1; j += 1) {
    let whole = -1; // where the whole cells of this row begin
    for (let i = 0; i < wide; i += 1) {
      const at = j * wide + i;
      const heights = i < wide - 1 ? [values[at], values[at + 1], values[at + wide + 1], values[at + wide]] : [NaN];
      const full = heights.every((x) => x >= level);
      if (full && whole < 0) whole = i;
      if (!full && whole >= 0) {
        area += `M${place(whole, j)}L${place(i, j)}L${place(i, j + 1)}L${place(whole, j + 1)}Z`;
        whole = -1;
      }
      if (full || !(Math.max(...heights) >= level)) continue; // also where there is no value
      const { above, crossings } = cellAt(heights, level, i, j);
      if (above.length > 2) area += `M${above.map(([a, b]) => place(a, b)).join("L")}Z`;
      for (let k = 0; k + 1 < crossings.length; k += 2) line += `M${place(crossings[k][0], crossings[k][1])}L${place(crossings[k + 1][0], crossings[k + 1][1])}`;
      if (crossings.length) points.push(crossings[0]);
    }
  }
  return { area, line, points };
}

/** The cells of a grid that have no value, those of a row together. @param {Float64Array} values @param {number} wide @param {number} high @param {(i: number, j: number) => string} place */
function holesOf(values, wide, high, place) {
  let area = "";
  for (let j = 0; j < high - 1; j += 1) {
    let begin = -1;
    for (let i = 0; i < wide; i += 1) {
      const at = j * wide + i;
      const whole = i === wide - 1 || [at, at + 1, at + wide, at + wide + 1].every((k) => Number.isFinite(values[k]));
      if (!whole && begin < 0) begin = i;
      if (whole && begin >= 0) {
        area += `M${place(begin, j)}L${place(i, j)}L${place(i, j + 1)}L${place(begin, j + 1)}Z`;
        begin = -1;
      }
    }
  }
  return area;
}
