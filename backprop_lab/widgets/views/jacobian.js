// The view `jacobian`, on the page called matrices, is the same run once more: each step's factor with the row or column
// that is carried through it, and the triangular system that the sweep solves. All numbers are those of the picture at
// this step. What the matrices are stands in film/matrices.py.

/**
 * @typedef {{text: string, css?: string, pill?: boolean, lines?: boolean}} MatrixEntry
 * @typedef {{name: string | Element, id: number, title?: string, css?: string, lit?: boolean, wide?: number, part?: string, vector?: ((id: number) => string) | null}} Line a line or column; with a negative `id` it is none of the matrix itself
 */

const MOST_SHOWN = 40; // rows that are written out; of more a picture of the non-zeros, and the current row
/** @type {MatrixEntry} */
const NOUGHT = { text: "·", css: "bl-nought" };
/** @type {MatrixEntry} */
const ONE = { text: "1", css: "bl-one" };

/** A letter with an index: J of s. @param {string} letter @param {string} index */
function indexed(letter, index, after = "") {
  const made = make("span", "", letter);
  if (index) made.append(make("sub", "", read(index)));
  made.append(after);
  return made;
}

/** The name of a line or column of the matrix. @param {string} scope @param {Line} line */
function named(scope, { name, title, wide, css }) {
  const cell = Object.assign(make("th", css || ""), { scope, title: title || "" });
  cell.append(name);
  if (wide) cell.style.minWidth = `calc(${wide}ch + 10px)`;
  return cell;
}

/**
 * A table with names for its lines and columns, which may be elements; `entry(line, column)` fills a cell.
 * @param {string} caption @param {number} wide room for letters in the names of lines
 * @param {Line[]} lines @param {Line[]} columns @param {(line: Line, column: Line) => MatrixEntry} entry
 */
function grid(caption, wide, lines, columns, entry) {
  const { made, head, body } = tableOf(columns.length > 11 ? "bl-matrix bl-many" : "bl-matrix", caption);
  const inner = columns.filter((column) => column.id >= 0).length; // of the matrix itself, between its brackets
  const top = make("tr", "");
  const corner = make("td", "", "");
  corner.style.minWidth = `calc(${Math.min(wide, 12)}ch + 22px)`; // its own name takes more room in some steps
  top.append(corner, ...columns.map((column) => named("col", column)));
  head.append(top);
  for (const line of lines) {
    const row = make("tr", line.lit ? "bl-lit-line" : "");
    if (line.lit) row.setAttribute("aria-current", "true");
    row.append(named("row", line), ...columns.map((column, k) => {
      const { text: plain, css, pill, lines: two } = entry(line, column);
      const text = read(plain);
      const bracket = k === 0 ? "bl-first" : k === inner - 1 ? "bl-final" : "";
      const cell = make("td", [column.css, line.css, css, bracket].filter(Boolean).join(" "));
      if (two) cell.append(make("span", "bl-two-lines", text.replace(/ ([+−]) /, " $1\u00a0")));
      else cell.append(pill ? make("span", "bl-factor", text) : text);
      if (text === "·") cell.setAttribute("aria-label", "0");
      return cell;
    }));
    body.append(row);
  }
  return made;
}

/** Scroll the box so that the lit row is seen below the names, and of it the entry that is used. @param {Element} box */
function follow(box) {
  const row = box.querySelector(".bl-lit-line");
  if (!row?.firstElementChild) return;
  const [frame, line, name] = [box, row, row.firstElementChild].map((part) => part.getBoundingClientRect());
  const spot = (row.querySelector(".bl-used") || row.querySelector(".bl-factor") || row).getBoundingClientRect();
  if (line.top < frame.top + 32) box.scrollTop -= frame.top + 32 - line.top;
  else if (line.bottom > frame.bottom) box.scrollTop += line.bottom - frame.bottom + 4;
  if (spot.left < name.right) box.scrollLeft -= name.right - spot.left + 8;
  else if (spot.right > frame.right && spot.width < frame.width) box.scrollLeft += spot.right - frame.right + 8;
}

/** The non-zeros of a large matrix, its current row as a band. @param {number[][]} spots row and column @param {number} size @param {number} lit @param {string} about */
function sparsity(spots, size, lit, about) {
  const step = Math.max(2, Math.floor(400 / size));
  const side = step * size;
  const svg = draw("svg", "bl-spots", { viewBox: `-1 -1 ${side + 2} ${side + 2}`, width: side + 2, height: side + 2, role: "img" });
  svg.append(draw("title", "", {}, about), draw("rect", "bl-spots-frame", { x: 0, y: 0, width: side, height: side }));
  if (lit >= 0) svg.append(draw("rect", "bl-spots-lit", { x: 0, y: lit * step - 1, width: side, height: step + 2 }));
  const d = spots.map(([row, column]) => `M${column * step} ${row * step}h${step - 1}v${step - 1}h${1 - step}z`).join("");
  svg.append(draw("path", "bl-spots-all", { d }));
  return svg;
}

/** What the matrices of one film have in them at a position. */
class Matrix {
  /** @param {Pane} film @param {MatrixData} data @param {() => number} position */
  constructor(film, data, position) {
    this.film = film;
    this.data = data;
    this.position = position;
    this.backwards = film.second === "adjoint";
    /** @type {Map<number, Map<number, string[]>>} by child, then parent, the keys of the edges between them */
    this.operands = new Map();
    for (const { id, from, to } of film.edges) {
      const parents = this.operands.get(to) || new Map();
      into(parents, from, id.slice(1));
      this.operands.set(to, parents);
    }
    this.lengths = this.measured();
    this.now = textsOf(film);
    this.then = textsOf(film); // when the current factor began
  }

  /** The longest text in each place: whole, and where "10 + 4" has two lines. */
  measured() {
    /** @type {Map<Key, number>[]} */
    const lengths = [new Map(), new Map()];
    for (const [key, text] of this.film.changes.flatMap((change) => Object.entries(change))) {
      const parts = text.split(/ (?=[+−])/).map((part) => part.length);
      [text.length, Math.max(...parts)].forEach((size, k) => lengths[k].set(key, Math.max(size, lengths[k].get(key) || 0)));
    }
    return lengths;
  }

  /** @param {Key} key @param {boolean} broken */
  longest(key, broken = false) {
    return this.lengths[Number(broken)].get(key) || 0;
  }

  get here() {
    return Math.min(this.position(), this.film.frames.length - 1);
  }

  /** The node that the step writes. */
  get node() {
    return this.film.frames[this.here].id ?? -1;
  }

  /** Whether a derivative is made at a position. */
  sweeping(k = this.here) {
    const { kind } = this.film.frames[k];
    return kind !== undefined && kind !== "value";
  }

  /** Whose factor it is; −1 for a seed. */
  turn(k = this.here) {
    return this.data.turns[k];
  }

  /** @param {number} id */
  derivative(id) {
    return this.now(this.here)(`a${id}`);
  }

  /** The entry of L at a child and a parent: its text, "?" while it is not known, undefined where there is no edge. @param {number} child @param {number} parent */
  local(child, parent) {
    const slots = this.operands.get(child)?.get(parent);
    if (!slots) return undefined;
    const shown = this.now(this.here)(`w${slots[0]}`);
    return shown && slots.length > 1 ? this.data.twice[`${child}_${parent}`] : shown || "?";
  }

  /** How many letters a column needs, so that nothing moves when its numbers come: for the entries in it, or in the row. @param {number} id */
  room(id) {
    const row = [...(this.operands.get(id)?.values() || [])];
    const column = [...this.operands.values()].map((parents) => parents.get(id) || []);
    return Math.max(1, ...[...row, ...column].flat().map((slot) => this.longest(`w${slot}`) + 2.3)); // a sign, and the pill
  }

  /** @param {number} id */
  solved(id) {
    const { frames } = this.film;
    return Boolean(this.derivative(id)) && (!this.backwards || this.here >= frames.findLastIndex((f) => f.id === id && f.kind !== "value"));
  }

  /** The nodes whose factors have been multiplied so far, in order. */
  multiplied() {
    /** @type {number[]} */
    const order = [];
    for (let k = 1; k <= this.here; k += 1) {
      if (!this.sweeping(k)) continue;
      if (this.turn(k) < 0) order.length = 0; // a seed: a sweep begins
      else if (order.at(-1) !== this.turn(k)) order.push(this.turn(k));
    }
    return order;
  }

  /** The row or column that arrives at the current factor; null before there is one. @returns {((id: number) => string) | null} */
  arriving() {
    if (!this.sweeping()) return this.film.second === "tangent" ? (id) => this.derivative(id) : null;
    if (this.turn() < 0) return null;
    let first = this.here;
    while (first > 1 && this.sweeping(first - 1) && this.turn(first - 1) === this.turn()) first -= 1;
    const before = this.then(first - 1);
    return (id) => before(`a${id}`);
  }
}

/** @param {number[]} ids @param {Record<number, string>} names */
const longestName = (ids, names) => Math.max(0, ...ids.map((id) => names[id].length));

/** The step's factor, with what is carried through it. @param {Matrix} now @param {number[]} all @param {Record<number, string>} names */
function factorGrid(now, all, names) {
  const own = now.turn();
  const few = all.length <= MOST_SHOWN;
  const across = few ? all : all.filter((j) => j === own || now.local(own, j) !== undefined);
  const before = now.arriving();
  const after = now.sweeping() ? (/** @type {number} */ id) => now.derivative(id) : null;
  const carried = (/** @type {Line["vector"]} */ vector, /** @type {number} */ id) => {
    const text = vector?.(id);
    return text ? { text, css: vector === after && now.solved(id) ? "bl-solved" : "bl-open", lines: now.backwards } : vector ? NOUGHT : { text: "" };
  };
  const wide = (/** @type {number} */ id) => Math.max(now.room(id), now.backwards ? now.longest(`a${id}`, true) : 0);
  /** @type {Line[]} */
  const columns = across.map((id) => ({ id, name: read(names[id]), title: names[id], wide: wide(id) }));
  /** @type {Line[]} */
  const lines = (few ? all : all.filter((id) => id === own)).map((id) => ({ id, name: read(names[id]), title: names[id], lit: id === own }));
  const index = own < 0 ? "" : names[own];
  if (now.backwards) {
    lines.unshift({ id: -1, name: "v̄ᵀ", title: "the row of adjoints that arrives", vector: before, css: "bl-vector" });
    const name = own < 0 && now.sweeping() ? "eᵀ" : indexed("v̄ᵀ J", index);
    lines.push({ id: -1, name, title: "the row after this factor", vector: after, css: "bl-vector bl-carried-row" });
  } else if (now.film.second) {
    const wideVector = Math.max(longestName(all, names) + 2, ...all.map((id) => now.longest(`a${id}`)));
    const name = own < 0 && now.sweeping() ? "ẋ" : indexed("J", index, " v̇");
    columns.push({ id: -1, name: "v̇", title: "the column of tangents that arrives", vector: before, css: "bl-vector", wide: wideVector });
    columns.push({ id: -1, name, title: "the column after this factor", vector: after, css: "bl-vector", wide: wideVector });
  }
  const longest = longestName(all, names); // below the matrix it is an index, after v̄ᵀ J
  const table = grid(own < 0 ? "no factor yet" : `the factor of ${names[own]}`, now.backwards ? Math.max(longest, 4 + 0.7 * longest) : longest, lines, columns, (line, column) => {
    if (line.vector !== undefined) return carried(line.vector, column.id);
    if (column.vector !== undefined) return carried(column.vector, line.id);
    if (line.id === column.id) return ONE;
    const text = line.id === own ? now.local(own, column.id) : undefined;
    return text === undefined ? NOUGHT : { text, pill: true };
  });
  if (few) return [table];
  const row = all.indexOf(own);
  const spots = [...all.map((_, k) => [k, k]), ...(row < 0 ? [] : across.filter((j) => j !== own).map((j) => [row, all.indexOf(j)]))];
  return [sparsity(spots, all.length, row, `the non-zeros of the factor of ${names[own]}`), table];
}

/** The triangular system, with the row that is being solved. @param {Matrix} now @param {number[]} all @param {Record<number, string>} names */
function systemGrid(now, all, names) {
  const { backwards, film } = now;
  const row = now.sweeping() ? now.node : -1;
  const value = (/** @type {number} */ i, /** @type {number} */ j) => (backwards ? now.local(j, i) : now.local(i, j));
  const few = all.length <= MOST_SHOWN;
  const across = few ? all : all.filter((j) => j === row || value(row, j) !== undefined);
  /** @type {Line[]} */
  const columns = across.map((id) => ({ id, name: read(names[id]), title: names[id], wide: now.room(id) }));
  if (film.second) {
    const wide = Math.max(0, ...all.map((id) => now.longest(`a${id}`)));
    columns.push({ id: -1, name: backwards ? "v̄" : "v̇", title: `the ${film.second}s`, part: "unknown", css: "bl-vector", wide });
    columns.push({ id: -1, name: "", part: "sign" }, { id: -1, name: backwards ? "e" : "ẋ", title: "the seeds", part: "seed", css: "bl-vector" });
  }
  const seeded = (/** @type {number} */ id) => (backwards ? id === film.routes.to : film.rows.find((r) => r.node === id)?.is === "input");
  const negated = (/** @type {string} */ text) => (text === "?" || text === "0" ? text : text.startsWith("−") ? text.slice(1) : `−${text}`);
  /** @type {Line[]} */
  const lines = (few ? all : all.filter((id) => id === row)).map((id) => ({ id, name: read(names[id]), title: names[id], lit: id === row }));
  const table = grid(`the triangular system of the ${backwards ? "reverse" : "forward"} sweep`, longestName(all, names), lines, columns, (line, column) => {
    if (column.part === "unknown") return { text: now.derivative(line.id), css: now.solved(line.id) ? "bl-solved" : "bl-open" };
    if (column.part === "sign") return { text: "=" };
    if (column.part === "seed") return seeded(line.id) ? { text: now.derivative(line.id) || "?" } : NOUGHT;
    if (line.id === column.id) return ONE;
    const text = value(line.id, column.id);
    const used = line.lit && (!backwards || now.turn() === column.id);
    return text === undefined ? NOUGHT : { text: negated(text), pill: true, css: used ? "bl-used" : "" };
  });
  if (few) return [table];
  const place = new Map(all.map((id, k) => [id, k]));
  const spots = all.flatMap((child) => [[child, child], ...[...(now.operands.get(child)?.keys() || [])].map((parent) => (backwards ? [parent, child] : [child, parent]))]);
  const inside = spots.map((spot) => spot.map((id) => place.get(id) ?? -1)).filter(([i, j]) => i >= 0 && j >= 0);
  return [sparsity(inside, all.length, all.indexOf(row), "the non-zeros of the triangular matrix"), table];
}

/** The row that is being solved, as an equation: x̄ = 12 · c̄ + 1 · s̄ = 12 · 11 + 1 · 8 = 140. @param {Matrix} now @param {number[]} all @param {Record<number, string>} names */
function systemWords(now, all, names) {
  const { backwards, film, data } = now;
  if (!film.second) return ["Forward or reverse mode solves a system with this matrix. Here only the values are computed."];
  const way = backwards ? "Back substitution, from the last row up" : "Forward substitution, from the first row down";
  if (!now.sweeping()) return [`${way}, fills in ${backwards ? "v̄" : "v̇"}. A ? is not known yet.`];
  const row = now.node;
  if (!all.includes(row)) return [`${names[row]} is a constant, and constants are left out.`];
  const terms = all.flatMap((j) => {
    const text = backwards ? now.local(j, row) : now.local(row, j);
    return text === undefined ? [] : [{ text, j }];
  });
  const bracket = (/** @type {string} */ text) => (text.startsWith("−") ? `(${text})` : text);
  const sum = (/** @type {(id: number) => string} */ last) => terms.map(({ text, j }) => `${bracket(text)} · ${last(j)}`).join(" + ");
  if (!terms.length) return [make("div", "bl-so-far", read(`${data.marks[row]} = ${now.derivative(row)}`)), make("div", "", `${way}: it begins with the seed.`)];
  const numbers = terms.every(({ j }) => now.solved(j)) ? ` = ${sum((j) => bracket(now.derivative(j)))}` : "";
  const result = now.solved(row) ? ` = ${now.derivative(row)}.` : `; so far ${now.derivative(row)}.`;
  const equation = make("div", "bl-so-far", read(`${data.marks[row]} = ${sum((j) => data.marks[j])}${numbers}${result}`));
  return [equation, make("div", "", read(`${way}: row ${names[row]}.`))];
}

/** What is carried through the factors, and what the whole product costs in either order. @param {Matrix} now @param {Record<number, string>} names */
function factorWords(now, names) {
  const letters = now.multiplied().map((id) => indexed(" J", names[id]));
  const shown = shortened(letters, (n) => make("span", "", ` … ${n} more …`));
  const made = make("div", "bl-so-far");
  if (now.backwards) made.append("v̄ᵀ = eᵀ", ...shown, make("span", "bl-matrix-what", " from left to right; eᵀ has the seed at the output"));
  else if (now.film.second) made.append("v̇ =", ...shown.reverse(), " ẋ", make("span", "bl-matrix-what", " from right to left; ẋ has the seed at the input that moves"));
  const { right, left, columns, rows } = now.data.products;
  const ends = [columns === 1 ? "the input's column" : `the columns of ${columns} inputs`, rows === 1 ? "the output's row" : `the rows of ${rows} outputs`];
  const text = read(`The whole product: from right to left, beginning with ${ends[0]}, ${several(right, "multiplication")}; from left to right, beginning with ${ends[1]}, ${left}. Copies and changes of sign are free.`);
  return [...(now.film.second ? [made] : []), make("div", "bl-product-cost", text)];
}

/** The view. It remembers which of the two is shown (`grid`), and whether constants are. */
class Matrices {
  /** @param {Player} player @param {Mine} mine */
  constructor(player, mine) {
    this.mine = mine;
    this.film = player.film;
    this.at = 0;
    this.element = make("section", "bl-view bl-matrices");
    this.element.setAttribute("aria-label", "matrices");
    this.words = make("div", "bl-view-words");
    this.sweeps = player.stages.flatMap(({ film }) => ("why" in film.matrices ? [] : [new Matrix(film, film.matrices, () => this.at)]));
    /** @type {Matrix | undefined} the sweep that is shown; none where there are no matrices of numbers */
    this.now = this.sweeps.at(-1);
    this.still = new Set(this.now?.data.still);
    this.title = make("div", "bl-matrix-title");
    this.box = scroller("bl-view-box", "the matrix");
    if (this.now) this.element.append(this.head(), this.title, this.box);
    else this.words.textContent = read(player.stages.map(({ film }) => ("why" in film.matrices ? film.matrices.why : "")).at(-1) || "");
    this.element.append(this.words);
  }

  /** What can be chosen. */
  head() {
    const head = make("div", "bl-view-head");
    this.choices = [["factors", "factors"], ["system", "triangular system"]].map(([key, text]) => {
      const made = pusher(text, () => this.turn(key));
      head.append(made);
      return { key, made };
    });
    if (this.still.size) {
      head.append(ticker("constants", "Show the rows and columns of constants, too", Boolean(this.mine.constants), (on) => {
        this.mine.constants = on;
        this.refresh();
      }));
    }
    if (this.sweeps.length > 1) {
      const which = this.sweeps.map((one, k) => [String(k), one.backwards ? "reverse" : "forward"]);
      head.append(select("sweep", which, String(this.sweeps.length - 1), (k) => {
        this.now = this.sweeps[Number(k)];
        this.refresh();
      }).box);
    }
    return head;
  }

  /** Show one of the two; the other one if none is named. @param {string} [grid] */
  turn(grid = this.mine.grid === "system" ? "factors" : "system") {
    this.mine.grid = grid;
    this.refresh();
  }

  /** What is shown, in a line. @param {Matrix} now @param {number[]} all */
  titles(now, all) {
    const { names } = this.film;
    const own = now.turn();
    if (this.mine.grid === "system") {
      const left = !now.film.second ? "I − L" : now.backwards ? "(I − L)ᵀ v̄ = e" : "(I − L) v̇ = ẋ";
      return [make("span", "", left), make("span", "bl-matrix-what", "L has the local partials: a row for the result, a column for the operand.")];
    }
    const what = own < 0 ? "Each step is a matrix: the identity, and in its own row the local partials."
      : all.includes(own) ? read(`The identity, and in row ${names[own]} the local partials of ${names[own]}.`)
        : `${names[own]} is made of constants, and constants are left out.`;
    return [own < 0 ? "" : indexed("J", names[own]), make("span", "bl-matrix-what", what)];
  }

  /** @param {Matrix} now */
  paint(now) {
    const { film, mine, still } = this;
    for (const { key, made } of this.choices || []) made.setAttribute("aria-pressed", String(mine.grid === key));
    const all = film.rows.filter((row) => !row.hidden).map((row) => row.node).filter((id) => mine.constants || !still.has(id));
    const system = mine.grid === "system";
    this.title.replaceChildren(...this.titles(now, all));
    this.box.replaceChildren(...(system ? systemGrid : factorGrid)(now, all, film.names));
    this.words.replaceChildren(...(system ? systemWords(now, all, film.names) : factorWords(now, film.names)));
    requestAnimationFrame(() => follow(this.box)); // with the painting, so that nothing is laid out twice
  }

  refresh() {
    if (this.mine.open && this.now) this.paint(this.now);
  }

  /** @param {number} at */
  show(at) {
    this.at = at;
    this.refresh();
  }
}

VIEWS.push({
  name: "jacobian",
  label: "matrices",
  css: ["bl-viewing", "bl-broad-side"],
  remembers: { grid: "factors" },
  keys: [{ keys: "m", says: "the matrices: the step's factor, then the triangular system", on: { m: (view) => view.turn() } }],
  offered: (film) => !film.mystery && !film.large,
  make: (player, mine) => new Matrices(player, mine),
});
