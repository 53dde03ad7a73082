// What stands for numbers in a folded picture beside their texts: bars, sparklines, and fills that say how far the steps
// are. drawing/folding/forms.py and sparks.py draw the same for files.

/** A text as a folded picture has it: of a sum that waits what was there before, in a small cell with fewer digits. @param {string} text @param {string} [digits] */
function settled(text, digits) {
  const own = / [+−] [^?]/.test(text) ? text.split(" ")[0] : text;
  const x = numberOf(own);
  if (!digits || own.includes("?") || Number.isNaN(x)) return own;
  return shorter(x, Number(digits));
}

/** A sparkline: its path, its largest and its smallest number, from where to where it goes; sparks.py has the same. @param {number[]} numbers @param {number} width */
function sparkline(numbers, width) {
  const finite = numbers.filter(Number.isFinite);
  const sizes = finite.filter(Boolean).sort((a, b) => Math.abs(a) - Math.abs(b));
  const steep = sizes.length > 0 && Math.abs(sizes[sizes.length - 1]) > 1000 * Math.abs(sizes[0]);
  const drawn = numbers.map((x) => (steep ? Math.log10(Math.abs(x)) : x));
  const shown = drawn.filter(Number.isFinite);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const points = drawn.flatMap((y, k) => (Number.isFinite(y) ? [`${((k + 0.5) * width / numbers.length).toFixed(1)} ${(40 - 38 * (high > low ? (y - low) / (high - low) : 0.5)).toFixed(1)}`] : []));
  if (!finite.length) return { path: "", high: "", low: "", steep: false, about: ", which is no number" };
  const ends = (steep ? [sizes[sizes.length - 1], sizes[0]] : [Math.max(...finite), Math.min(...finite)]).map((x) => shorter(x, 3));
  const about = ` from ${shorter(finite[0], 3)} to ${shorter(finite[finite.length - 1], 3)}${steep ? ", by powers of ten" : ""}`;
  return { path: `M${points.join("L")}`, high: ends[0], low: ends[0] === ends[1] ? "" : ends[1], steep, about };
}

/** The numbers of `first+step*count`, one run after the other. @param {string} runs */
function unrolled(runs) {
  return runs.split(" ").flatMap((run) => {
    const [first, step, count] = run.split(/(?<=\d)\+|\*/).map(Number);
    return Array.from({ length: count }, (_, k) => first + k * step);
  });
}

class Marks {
  /** @param {SVGElement} svg @param {Folding} fold @param {Pane} film @param {(key: Key) => string} shown */
  constructor(svg, fold, film, shown) {
    this.shown = shown;
    this.inside = insides(film, fold);
    /** @type {Map<Key, Element>} */
    this.bars = new Map();
    for (const bar of svg.querySelectorAll("[data-bar]")) this.bars.set(bar.getAttribute("data-bar") || "", bar);
    /** @type {Map<Key, Element>} */
    this.fills = new Map();
    for (const fill of svg.querySelectorAll("[data-done]")) this.fills.set(fill.getAttribute("data-done") || "", fill);
    this.sparks = [...svg.querySelectorAll("[data-spark]")].map((spark) => {
      const { letter = "", room, ids = "" } = /** @type {SVGElement} */ (spark).dataset;
      const part = (/** @type {string} */ css) => /** @type {Element} */ (spark.querySelector(css));
      const all = unrolled(ids).map((id) => (id < 0 ? null : letter + id));
      const keys = all.filter((key) => key !== null);
      const back = letter === "a" && film.second === "adjoint";
      if (back) keys.reverse();
      return { all, keys, back, part, veil: part(".bl-veil"), name: (part("title").textContent || "").split(/ from |, which/)[0], wide: Number(room), left: Number(/** @type {SVGElement} */ (spark).dataset.left) };
    });
  }

  /** Inputs have moved: bars and sparklines are measured by other numbers. @param {Pane} film */
  renew(film) {
    const last = atEnd(film);
    /** @type {Map<string, Element[]>} */
    const columns = new Map();
    for (const bar of this.bars.values()) into(columns, bar.getAttribute("data-column") || "", bar);
    for (const bars of columns.values()) {
      const sizes = bars.map((bar) => Math.abs(numberOf(last(bar.getAttribute("data-bar") || ""))));
      for (const bar of bars) bar.setAttribute("data-full", String(Math.max(0, ...sizes.filter(Number.isFinite))));
    }
    for (const [key, bar] of this.bars) this.write(key, this.shown(key));
    for (const { all, part, name, wide } of this.sparks) {
      const { path, high, low, steep, about } = sparkline(all.map((key) => (key === null ? NaN : numberOf(last(key)))), wide);
      part("path").setAttribute("d", path);
      part("title").textContent = `${name}${about}, turn by turn`;
      for (const [css, text] of [["high", high], ["low", low], ["log", steep ? "log" : ""]]) part(`.bl-spark-${css}`).textContent = text;
    }
    this.cover();
  }

  /** A number's bar. @param {Key} key @param {string} text */
  write(key, text) {
    const bar = this.bars.get(key);
    if (!bar) return;
    const { room, full } = /** @type {SVGElement} */ (bar).dataset;
    const x = numberOf(text);
    const share = Number(full) ? Math.min(1, Math.abs(x) / Number(full)) : 1;
    bar.setAttribute("width", (x ? Math.max(1, Number(room) * share) : 0).toFixed(1));
    bar.classList.toggle("bl-hollow", x < 0);
  }

  /** How far the steps inside each part are at a position. @param {number} at */
  fill(at) {
    for (const [key, text] of this.inside(at)) {
      const fill = this.fills.get(key);
      const [done, , all] = text.split(" ");
      if (fill) setLength(fill, "width", text ? (Number(done) / Number(all)) * Number(/** @type {SVGElement} */ (fill).dataset.room) : 0);
    }
  }

  /** Cover what the steps have not reached of the sparklines. */
  cover() {
    for (const { veil, keys, back, wide, left } of this.sparks) {
      let [low, high] = [0, keys.length]; // how many turns are known, one after the other
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.shown(keys[middle])) low = middle + 1;
        else high = middle;
      }
      const covered = wide * (1 - low / Math.max(1, keys.length));
      setLength(veil, "width", covered);
      setLength(veil, "x", back ? left : left + wide - covered);
    }
  }
}
