// Plots: a frame for numbers with its axes, and shapes that tell runs apart without colour.

const RUNS = 6; // that can be told apart: each has a colour, a dash and a mark (playground.css has the colours)
const DASHES = ["", "7 4", "2 4", "10 3 2 3", "12 5", "4 2 1 2"];
/** A mark around a point, by run: circle, square, triangle, diamond, cross, star. @type {((x: number, y: number, r: number) => string)[]} */
const MARKS = [
  (x, y, r) => `M${fix(x - r)} ${fix(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  (x, y, r) => `M${fix(x - r * 0.9)} ${fix(y - r * 0.9)}h${1.8 * r}v${1.8 * r}h${-1.8 * r}Z`,
  (x, y, r) => `M${fix(x)} ${fix(y - 1.2 * r)}l${1.15 * r} ${2.1 * r}h${-2.3 * r}Z`,
  (x, y, r) => `M${fix(x)} ${fix(y - 1.3 * r)}l${1.2 * r} ${1.3 * r}l${-1.2 * r} ${1.3 * r}l${-1.2 * r} ${-1.3 * r}Z`,
  (x, y, r) => `M${fix(x - 0.4 * r)} ${fix(y - 1.2 * r)}h${0.8 * r}v${0.8 * r}h${0.8 * r}v${0.8 * r}h${-0.8 * r}v${0.8 * r}h${-0.8 * r}v${-0.8 * r}h${-0.8 * r}v${-0.8 * r}h${0.8 * r}Z`,
  (x, y, r) => `M${[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => { const s = (k % 2 ? 0.55 : 1.35) * r; return `${fix(x + s * Math.sin((k * Math.PI) / 5))} ${fix(y - s * Math.cos((k * Math.PI) / 5))}`; }).join("L")}Z`,
];

/** A place in pixels, which a browser can draw however far off it is. @param {number} x */
const fix = (x) => Math.max(-1e5, Math.min(1e5, Math.round(x * 10) / 10)) || 0;

/** Numbers of a frame as pixels. */
class Scale {
  /** @param {[number, number]} from @param {[number, number]} to @param {boolean} [logarithmic] */
  constructor(from, to, logarithmic = false) {
    this.from = from;
    this.to = to;
    this.of = logarithmic ? (/** @type {number} */ x) => Math.log10(x) : (/** @type {number} */ x) => x;
    this.logarithmic = logarithmic;
    const [a, b] = from.map(this.of);
    this.a = a;
    this.rate = (to[1] - to[0]) / (b - a || 1);
  }

  /** @param {number} x */
  at(x) {
    return this.to[0] + (this.of(x) - this.a) * this.rate;
  }

  /** The number at a pixel. @param {number} pixel */
  back(pixel) {
    return this.a + (pixel - this.to[0]) / this.rate;
  }

  /** Where numbers are written. @param {number} many about how many */
  ticks(many) {
    if (!this.logarithmic) return ticksOf(this.from[0], this.from[1], many);
    const [low, high] = this.from.map(Math.log10);
    const step = Math.max(1, Math.ceil((high - low) / many));
    const powers = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, k) => Math.ceil(low) + k).filter((k) => k % step === 0);
    return powers.length > 1 ? powers.map((k) => 10 ** k) : ticksOf(this.from[0], this.from[1], many).filter((x) => x > 0);
  }
}

/** A drawing with a frame: its layers keep their order, and what moves is inside the frame only. */
class Plot {
  /** @param {string} css @param {string} label */
  constructor(css, label) {
    this.element = make("div", `bl-plot ${css}`);
    this.ground = draw("svg", "bl-ground", { role: "img", "aria-label": label });
    this.over = draw("svg", "bl-over", { "aria-hidden": "true" });
    this.inside = draw("svg", "bl-inside", {});
    this.over.append(this.inside);
    this.element.append(this.ground, this.over);
    this.width = this.height = 0;
    this.type = 13;
    this.box = { left: 0, top: 0, right: 1, bottom: 1 };
    this.x = this.y = new Scale([0, 1], [0, 1]);
  }

  /** The size of the drawing and its letters, in pixels. @param {number} width @param {number} height @param {number} type */
  measure(width, height, type) {
    this.width = Math.round(width);
    this.height = Math.round(height);
    this.type = type;
    for (const svg of [this.ground, this.over]) {
      svg.setAttribute("width", String(this.width));
      svg.setAttribute("height", String(this.height));
      svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`); // on paper it is as wide as that
      svg.setAttribute("font-size", `${type}`);
    }
  }

  /** Lay the frame out. @param {[number, number]} x @param {[number, number]} y @param {boolean} [logarithmic] */
  frame(x, y, logarithmic) {
    const { type, width, height } = this;
    const [top, bottom] = [0.8 * type, height - 3.1 * type];
    this.y = new Scale(y, [bottom, top], logarithmic);
    const longest = Math.max(0, ...written(this.y, this.many, "").texts.map(({ length }) => length));
    this.box = { left: Math.max(4.9, 2.6 + 0.66 * longest) * type, top, right: width - 1.3 * type, bottom };
    const { left, right } = this.box;
    this.x = new Scale(x, [left, right]);
    for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top, viewBox: `${left} ${top} ${right - left} ${bottom - top}` })) this.inside.setAttribute(name, String(value));
  }

  /** About how many numbers the axis on the left has. */
  get many() {
    return (this.y.to[0] - this.y.to[1]) / (3.6 * this.type);
  }

  /** The axes with their numbers and names, as elements. @param {string} across @param {string} up */
  axes(across, up) {
    const { x, y, type } = this;
    const { left, top, right, bottom } = this.box;
    /** @type {SVGElement[]} */
    const made = [draw("rect", "bl-plot-frame", { x: left, y: top, width: right - left, height: bottom - top })];
    const below = written(x, (right - left) / (5.5 * type), across);
    const beside = written(y, this.many, up);
    below.ticks.forEach((tick, k) => {
      const at = fix(x.at(tick));
      made.push(draw("path", "bl-tick", { d: `M${at} ${bottom}v5` }));
      made.push(draw("text", "bl-tick-text bl-middle", { x: at, y: bottom + 5 + 1.05 * type }, below.texts[k]));
    });
    beside.ticks.forEach((tick, k) => {
      const at = fix(y.at(tick));
      made.push(draw("path", "bl-tick", { d: `M${left} ${at}h-5` }));
      made.push(draw("text", "bl-tick-text bl-end", { x: left - 8, y: at + 0.36 * type }, beside.texts[k]));
    });
    made.push(draw("text", "bl-axis-name bl-middle", { x: (left + right) / 2, y: this.height - 0.35 * type }, read(below.name)));
    made.push(draw("text", "bl-axis-name bl-middle", { transform: `translate(${1.05 * type} ${(top + bottom) / 2}) rotate(-90)` }, read(beside.name)));
    return made;
  }
}

/**
 * The numbers of an axis and their texts. Where these would all be the same, they are counted from one of them, and the name
 * says from which. @param {Scale} scale @param {number} many @param {string} name
 */
function written(scale, many, name) {
  const ticks = scale.ticks(many);
  const texts = ticks.map((tick) => (scale.logarithmic ? powerOf(tick) : wrote(tick, 6)));
  if (new Set(texts).size === texts.length) return { ticks, texts, name };
  const base = Number(ticks[Math.floor(ticks.length / 2)].toPrecision(6));
  return { ticks, texts: ticks.map((tick) => wrote(tick - base, 4)), name: `${name} ${base < 0 ? "+" : "−"} ${wrote(Math.abs(base), 6)}` };
}

/** A power of ten as it is written by hand, other numbers as they are. @param {number} x */
function powerOf(x) {
  const power = Math.log10(x);
  if (!Number.isInteger(power) || Math.abs(power) < 3) return wrote(x, 4);
  return `10${String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)])}`;
}

/** A line through points. @param {number[][]} points */
function lineOf(points) {
  return points.length > 1 ? `M${points.map(([x, y]) => `${fix(x)} ${fix(y)}`).join("L")}` : "";
}

/** Whether a point is outside of a frame. @param {number[]} point @param {{left: number, top: number, right: number, bottom: number}} box */
function beyond([x, y], { left, top, right, bottom }) {
  return !(x >= left && x <= right && y >= top && y <= bottom);
}

/** Points that are not too near to the last one that was taken, without the first. @param {number[][]} points @param {number} gap */
function apart(points, gap) {
  let last = points[0];
  return points.filter((point) => {
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) < gap) return false;
    last = point;
    return true;
  });
}

/** A pattern of slanted lines. Several playgrounds of a page may have loaded this file once each, so none can count. @param {string} css */
function hatching(css) {
  const id = `bl-hatch-${Math.random().toString(36).slice(2)}`;
  const pattern = draw("pattern", "", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(draw("path", css, { d: "M0 0v8" }));
  const defs = draw("defs", "", {});
  defs.append(pattern);
  return { defs, fill: `url(#${id})` };
}

/** What is drawn of one run on a plot: its way so far and ahead, its marks, and where it stands. */
class Trail {
  /** @param {number} style */
  constructor(style) {
    this.style = style;
    const css = `bl-run bl-run-${style}`;
    this.group = draw("g", css, {});
    this.ahead = draw("path", "bl-way-ahead", {});
    this.shade = draw("path", "bl-way-halo", {});
    this.line = draw("path", "bl-way", { "stroke-dasharray": DASHES[style] });
    this.marks = draw("path", "bl-way-marks", {});
    this.here = draw("path", "bl-way-here", {});
    this.edge = draw("path", "bl-way-edge", {});
    this.group.append(this.ahead, this.shade, this.line, this.marks, this.here, this.edge);
  }

  /** @param {number[][]} points of all steps, in pixels @param {number} at @param {boolean} ahead whether what is to come is shown @param {{left: number, top: number, right: number, bottom: number}} box @param {number} size of marks */
  show(points, at, ahead, box, size) {
    const here = Math.min(at, points.length - 1);
    const done = lineOf(points.slice(0, here + 1));
    this.shade.setAttribute("d", done);
    this.line.setAttribute("d", done);
    this.ahead.setAttribute("d", ahead ? lineOf(points.slice(here)) : "");
    const mark = MARKS[this.style];
    this.marks.setAttribute("d", apart(points.slice(0, here), 1.9 * size).map(([x, y]) => mark(x, y, 0.55 * size)).join(""));
    const [x, y] = points[here];
    const out = beyond(points[here], box);
    this.here.setAttribute("d", out ? "" : mark(x, y, size));
    this.edge.setAttribute("d", out ? this.leaving(points.slice(0, here + 1), box, size) : "");
  }

  /** An arrow at the edge where a run has left the picture. @param {number[][]} points @param {{left: number, top: number, right: number, bottom: number}} box @param {number} size */
  leaving(points, box, size) {
    const inside = points.findLastIndex((point) => !beyond(point, box));
    if (inside < 0) return ""; // it never was here
    const [fx, fy] = points[inside];
    const [x, y] = points[inside + 1].map((at) => (Number.isNaN(at) ? -1e6 : Math.max(-1e9, Math.min(1e9, at))));
    const share = Math.min(...[[fx, x, box.left, box.right], [fy, y, box.top, box.bottom]].map(([from, to, low, high]) => (to === from ? Infinity : ((to > from ? high : low) - from) / (to - from))));
    const angle = Math.atan2(y - fy, x - fx);
    const back = 1.7 * size; // all of it is inside
    const [px, py] = [fx + share * (x - fx) - back * Math.cos(angle), fy + share * (y - fy) - back * Math.sin(angle)];
    const tip = (/** @type {number} */ turn, /** @type {number} */ r) => `${fix(px + r * Math.cos(angle + turn))} ${fix(py + r * Math.sin(angle + turn))}`;
    return `M${tip(0, 1.6 * size)}L${tip(2.5, 1.6 * size)}L${tip(-2.5, 1.6 * size)}Z`;
  }
}
