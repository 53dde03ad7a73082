// The view `code`: the student's own function alone, with the line whose step this is, and in it the expression.

/** @typedef {{from: number, to: number, node: number}} CodePart a node's expression on a line, from one letter to another */

const MOST_TOLD_OF = 12; // nodes that one piece of a line names; in a loop it is more

class Code {
  /** @param {Player} player */
  constructor(player) {
    const { film } = player;
    this.film = film;
    this.lights = new Lights();
    /** @type {HTMLElement[][]} */
    this.lines = [];
    /** @type {Map<HTMLElement, {from: number, to: number, piece: HTMLElement}[]>} for each line what it is cut into */
    this.pieces = new Map();
    if (!film.code.length) return;
    this.element = scroller("bl-code", "source code");
    const longest = Math.max(...film.code.flatMap((block) => block.lines.map((line) => line.length)));
    this.element.style.setProperty("--bl-columns", String(longest + 5)); // as large as all of a line fits, down to a floor; then it wraps
    film.code.forEach((block, b) => {
      const pre = make("pre", "bl-block");
      /** @type {Map<number, CodePart[]>} */
      const parts = new Map();
      for (const { line, part = [], node } of film.rows) if (line?.[0] === b) for (const [k, from, to] of part) into(parts, k, { from, to, node });
      const lines = block.lines.map((text, k) => this.lineOf(text, k, parts.get(k) || []));
      pre.append(...lines);
      this.element?.append(pre);
      this.lines.push(lines);
    });
  }

  /** A line, cut where an expression begins or ends. @param {string} text @param {number} k @param {CodePart[]} parts */
  lineOf(text, k, parts) {
    const line = make("span", "bl-line");
    const letters = [...text]; // as Python counts them
    const inside = make("span", "bl-linetext", parts.length ? "" : text || " ");
    const cuts = [...new Set([0, letters.length, ...parts.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
    this.pieces.set(line, parts.length ? cuts.slice(1).map((to, j) => {
      const piece = make("span", "", letters.slice(cuts[j], to).join(""));
      const told = parts.filter((part) => part.from <= cuts[j] && to <= part.to).sort((a, b) => a.to - a.from - b.to + b.from);
      if (told.length && told.length <= MOST_TOLD_OF) piece.dataset.k = told.map(({ node }) => `n${node}`).join(" "); // the innermost first
      inside.append(piece);
      return { from: cuts[j], to, piece };
    }) : []);
    line.append(make("span", "bl-lineno", String(k + 1)), inside);
    return line;
  }

  /** A contribution is the doing of the node that sends. @param {Frame} frame */
  line({ by, id }) {
    const { line: at, part = [] } = this.film.rows[by ?? id ?? -1] || {};
    if (!at) return;
    const lines = this.lines[at[0]];
    this.lights.on(lines[at[1]], "bl-current");
    for (const [k, from, to] of part) {
      this.lights.on(lines[k], "bl-within");
      for (const one of this.pieces.get(lines[k]) || []) if (from <= one.from && one.to <= to) this.lights.on(one.piece, "bl-part");
    }
  }

  dark() {
    this.lights.off();
  }

  follow() {
    if (this.element) keepInView(this.element, this.lights.with("bl-current")[0]);
  }
}

VIEWS.push({
  name: "code",
  label: "code",
  place: -1,
  offered: (film) => film.code.length > 0,
  make: (player) => new Code(player),
});
