// The surface of two parameters as a map with lines of equal height, or of one as a curve with its tangent; and the start
// on it, which follows the hand.

const MOST_POINTS = 9000; // of the grid of a map

/** What both pictures of a surface have. */
class Relief extends Plot {
  /** @param {Playground} playground @param {string} css @param {string} label */
  constructor(playground, css, label) {
    super(css, label);
    this.playground = playground;
    this.terrain = playground.terrain;
    this.hatch = hatching("bl-hatch");
    this.dots = hatching("bl-doubt");
    this.downhill = draw("path", "bl-downhill", {});
    this.stop = draw("path", "bl-stop", {});
    this.knob = new Knob(playground, this);
    this.holes = false; // whether there are points without a value
    /** @type {Trail[]} */
    this.trails = [];
    this.trailing = draw("g", "", {});
    this.inside.append(this.trailing, this.downhill, this.stop);
    this.over.append(this.knob.group);
    this.over.removeAttribute("aria-hidden"); // the start is in it
  }

  /** The runs' trails, those of the chosen run on top. */
  show() {
    const { runs, chosen, at, mind } = this.playground;
    if (this.trails.length !== runs.length || this.trails.some(({ style }, k) => style !== runs[k].style)) {
      this.trails = runs.map(({ style }) => new Trail(style));
    }
    this.trailing.replaceChildren(...this.trails.filter((_, k) => k !== chosen).map(({ group }) => group), this.trails[chosen].group);
    const size = 0.42 * this.type;
    runs.forEach(({ course }, k) => {
      this.trails[k].group.classList.toggle("bl-chosen", k === chosen);
      const points = course.steps.map(({ at: point, loss }) => this.place(point, loss));
      const left = course.ends === "diverged" ? points.findIndex((point) => beyond(point, this.box)) : -1;
      this.trails[k].show(left > 0 ? points.slice(0, left + 1) : points, at, mind.ahead, this.box, size); // it may cross the picture once more, by chance
    });
    const { course } = runs[chosen];
    const step = course.steps[Math.min(at, course.steps.length - 1)];
    this.downhill.setAttribute("d", this.slope(step));
    const enters = course.enters ?? -1;
    const [x, y] = enters > 0 && enters <= at ? this.place(course.steps[enters].at, course.steps[enters].loss) : [NaN, NaN];
    this.stop.setAttribute("d", Number.isNaN(x) ? "" : octagon(x, y, 1.05 * this.type));
    this.knob.show();
  }

  /** A point in pixels. @param {number[]} point @param {number} loss @returns {number[]} */
  place([x], loss) {
    return [this.x.at(x), this.y.at(loss)];
  }

  /** What shows the slope at a step. @param {Step} _ */
  slope(_) {
    return "";
  }

  /** The parameters at a place. @param {number} x @param {number} _ */
  point(x, _) {
    return [this.x.back(x)];
  }

  /** Draw everything that stays while runs change. */
  paint() {}
}

/** The sign to stop. @param {number} x @param {number} y @param {number} r */
function octagon(x, y, r) {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => `${fix(x + r * Math.cos(((k + 0.5) * Math.PI) / 4))} ${fix(y + r * Math.sin(((k + 0.5) * Math.PI) / 4))}`);
  return `M${corners.join("L")}Z`;
}

/** An arrow between two points. @param {number} x @param {number} y @param {number} dx @param {number} dy @param {number} head */
function arrow(x, y, dx, dy, head) {
  const angle = Math.atan2(dy, dx);
  const tip = [x + dx, y + dy];
  const wing = (/** @type {number} */ turn) => `${fix(tip[0] + head * Math.cos(angle + turn))} ${fix(tip[1] + head * Math.sin(angle + turn))}`;
  return `M${fix(x)} ${fix(y)}L${fix(tip[0])} ${fix(tip[1])}M${wing(2.6)}L${fix(tip[0])} ${fix(tip[1])}L${wing(-2.6)}`;
}

/** A map: areas that are bluer the higher they are, lines with their heights, hatched where there is no value. */
class Chart2 extends Relief {
  /** @param {Playground} playground */
  constructor(playground) {
    super(playground, "bl-map", "");
  }

  paint() {
    const { terrain, ground } = this;
    const { span, names, name } = terrain.data;
    this.frame(span[0], span[1]);
    const { left, top, right, bottom } = this.box;
    const ratio = (right - left) / (bottom - top);
    const high = Math.round(Math.sqrt(terrain.room(MOST_POINTS) / ratio));
    const wide = Math.round(high * ratio);
    const batch = this.playground.doubting;
    const grid = terrain.grid(wide, high, batch);
    const place = (/** @type {number} */ i, /** @type {number} */ j) => `${fix(left + ((right - left) * i) / (wide - 1))} ${fix(bottom - ((bottom - top) * j) / (high - 1))}`;
    const heights = heightsOf(grid.values, 10);
    const levels = heights.map((level) => levelOf(grid.values, wide, high, level, place));
    const around = draw("g", "", {});
    around.append(...levels.map(({ area }) => draw("path", "bl-band-area", { d: area })));
    if (grid.noisy) {
      const doubt = levelOf(grid.noisy, wide, high, 1, place);
      around.append(draw("path", "bl-doubt-area", { d: doubt.area, fill: this.dots.fill }), draw("path", "bl-doubt-line", { d: doubt.line }));
    }
    around.append(...levels.map(({ line }) => draw("path", "bl-level", { d: line })));
    around.append(draw("path", "bl-hole", { d: holesOf(grid.values, wide, high, place), fill: this.hatch.fill }));
    around.append(...this.numbers(heights, levels.map(({ points }) => points.map(([i, j]) => [left + ((right - left) * i) / (wide - 1), bottom - ((bottom - top) * j) / (high - 1)]))));
    this.holes = grid.values.some(Number.isNaN);
    ground.replaceChildren(this.hatch.defs, this.dots.defs, around, ...this.axes(names[0], names[1]));
    const low = grid.values.filter(Number.isFinite).sort();
    ground.setAttribute("aria-label", `Map of ${name}: ${names[0]} from ${wrote(span[0][0], 4)} to ${wrote(span[0][1], 4)} across, ${names[1]} from ${wrote(span[1][0], 4)} to ${wrote(span[1][1], 4)} up; heights from ${wrote(low[0], 3)} to ${wrote(low[low.length - 1], 3)}.`);
  }

  /** Heights written on their lines, where there is room. @param {number[]} heights @param {number[][][]} lines */
  numbers(heights, lines) {
    const { type } = this;
    const { left, top, right, bottom } = this.box;
    /** @type {number[][]} */
    const taken = [];
    return heights.flatMap((height, k) => {
      const text = wrote(height, 4);
      const half = 0.31 * type * text.length;
      const free = lines[k].filter(([x, y]) => x > left + half + 6 && x < right - half - 6 && y > top + type && y < bottom - type);
      const far = (/** @type {number[]} */ [x, y]) => Math.min(1e4, ...taken.map(([a, b]) => Math.hypot((x - a) / 1.6, y - b)));
      const best = free.reduce((/** @type {number[] | null} */ found, point) => (!found || far(point) > far(found) ? point : found), null);
      if (!best || far(best) < 2 * type) return [];
      taken.push(best);
      return [draw("text", "bl-height bl-middle", { x: fix(best[0]), y: fix(best[1] + 0.34 * type) }, text)];
    });
  }

  /** @param {number[]} point */
  place([x, y]) {
    return [this.x.at(x), this.y.at(y)];
  }

  /** Steepest downhill: an arrow of one length, because the slope's own would not fit. @param {Step} step */
  slope({ at, slope }) {
    const [x, y] = this.place(at);
    const [dx, dy] = [-slope[0] * this.x.rate, -slope[1] * this.y.rate];
    const long = Math.hypot(slope[0], slope[1]);
    if (!(long > 0) || !Number.isFinite(long)) return "";
    const scale = (3 * this.type) / Math.hypot(dx, dy);
    return arrow(x, y, dx * scale, dy * scale, 0.75 * this.type);
  }

  /** The parameters at a place. @param {number} x @param {number} y */
  point(x, y) {
    return [this.x.back(x), this.y.back(y)];
  }
}

const SAMPLES = 12; // curves of single examples

/** A curve, with the tangent where a run stands. */
class Chart1 extends Relief {
  /** @param {Playground} playground */
  constructor(playground) {
    super(playground, "bl-profile", "");
  }

  paint() {
    const { terrain, ground } = this;
    const { span, names, name, rows } = terrain.data;
    const many = Math.max(60, Math.min(500, terrain.room(500)));
    const grid = terrain.grid(many, 1, this.playground.doubting);
    const sorted = grid.values.filter(Number.isFinite).sort();
    const low = sorted[0] ?? 0;
    const high = Math.min(sorted[sorted.length - 1] ?? 1, low + 1.8 * (sorted[Math.floor(0.85 * sorted.length)] - low)) || low + 1;
    const room = 0.08 * (high - low) || 1;
    this.frame(span[0], [low - room, high + room]);
    const { top, bottom } = this.box;
    const curve = (/** @type {(x: number, k: number) => number} */ f) => grid.xs.reduce((d, x, k) => {
      const y = f(x, k);
      return Number.isFinite(y) ? `${d}${d.endsWith(" ") || !d ? "M" : "L"}${fix(this.x.at(x))} ${fix(this.y.at(y))}` : d && !d.endsWith(" ") ? `${d} ` : d;
    }, "");
    const inner = draw("svg", "", Object.fromEntries(["x", "y", "width", "height", "viewBox"].map((key) => [key, this.inside.getAttribute(key) ?? ""])));
    const step = (grid.xs[1] - grid.xs[0]) * this.x.rate;
    const strip = (/** @type {(k: number) => boolean} */ in_) => grid.xs.reduce((d, x, k) => (in_(k) ? `${d}M${fix(this.x.at(x) - step / 2)} ${top}h${step.toFixed(2)}V${bottom}h${(-step).toFixed(2)}Z` : d), "");
    inner.append(draw("path", "bl-hole", { d: strip((k) => !Number.isFinite(grid.values[k])), fill: this.hatch.fill }));
    if (grid.noisy) inner.append(draw("path", "bl-doubt-area", { d: strip((k) => /** @type {Float64Array} */ (grid.noisy)[k] > 1), fill: this.dots.fill }));
    for (const row of rows.slice(0, SAMPLES)) inner.append(draw("path", "bl-example", { d: curve((x) => terrain.measure([x], [row]).loss) }));
    inner.append(draw("path", "bl-curve", { d: curve((_, k) => grid.values[k]) }));
    this.holes = grid.values.some(Number.isNaN);
    ground.replaceChildren(this.hatch.defs, this.dots.defs, inner, ...this.axes(names[0], rows.length ? "loss" : name));
    ground.setAttribute("aria-label", `Curve of ${name}: ${names[0]} from ${wrote(span[0][0], 4)} to ${wrote(span[0][1], 4)}; heights from ${wrote(low, 3)} to ${wrote(sorted[sorted.length - 1] ?? NaN, 3)}.`);
  }

  /** The tangent. @param {Step} step */
  slope({ at, loss }) {
    const [x, y] = this.place(at, loss);
    const steep = this.terrain.measure(at).slope[0] * (this.y.rate / this.x.rate);
    if (!Number.isFinite(steep)) return "";
    const half = (6 * this.type) / Math.hypot(1, steep);
    return `M${fix(x - half)} ${fix(y - half * steep)}L${fix(x + half)} ${fix(y + half * steep)}`;
  }
}
