// The same run as matrices: each step's factor with the row or column that is carried through it, and the triangular
// system that the sweep solves. All numbers are those of the picture at this step. What the matrices are
// stands in drawing/matrices.py.

const MOST_SHOWN = 40; // rows that are written out; of more a picture of the non-zeros, and the current row
const NOUGHT = { text: "·", css: "bl-nought" };
const ONE = { text: "1", css: "bl-one" };

/** A letter with an index: J of s. @param {string} letter @param {string} index @param {string} [after] */
function indexed(letter, index, after = "") {
  const made = make("span", "", letter);
  if (index) made.append(make("sub", "", index));
  made.append(after);
  return made;
}

/**
 * A table with names for its lines and columns, which may be elements; `entry(line, column)` fills a cell.
 * @param {string} caption @param {number} wide room for letters in the names of lines
 * @param {any[]} lines @param {any[]} columns @param {(line: any, column: any) => any} entry
 */
function grid(caption, wide, lines, columns, entry) {
  const made = make("table", columns.length > 11 ? "bl-matrix bl-many" : "bl-matrix");
  made.append(make("caption", "bl-hidden", caption), make("thead", ""), make("tbody", ""));
  const named = (scope, { name, title, wide, css }) => {
    const cell = Object.assign(make("th", css || ""), { scope, title: title || "" });
    cell.append(name);
    if (wide) cell.style.minWidth = `calc(${wide}ch + 10px)`;
    return cell;
  };
  const inner = columns.filter((column) => column.id !== undefined).length; // of the matrix itself, between its brackets
  const top = make("tr", "");
  const corner = make("td", "", "");
  corner.style.minWidth = `calc(${Math.min(wide, 12)}ch + 22px)`; // its own name takes more room in some steps
  top.append(corner, ...columns.map((column) => named("col", column)));
  made.tHead.append(top);
  for (const line of lines) {
    const row = make("tr", line.lit ? "bl-lit-line" : "");
    if (line.lit) row.setAttribute("aria-current", "true");
    row.append(named("row", line), ...columns.map((column, k) => {
      const { text, css, pill, lines: two } = entry(line, column);
      const bracket = k === 0 ? "bl-first" : k === inner - 1 ? "bl-final" : "";
      const cell = make("td", [column.css, line.css, css, bracket].filter(Boolean).join(" "));
      if (two) cell.append(make("span", "bl-two-lines", text.replace(/ ([+−]) /, " $1\u00a0")));
      else cell.append(pill ? make("span", "bl-factor", text) : text);
      if (text === "·") cell.setAttribute("aria-label", "0");
      return cell;
    }));
    made.tBodies[0].append(row);
  }
  return made;
}

/** Scroll the box so that the lit row is seen below the names, and of it the entry that is used. */
function follow(box) {
  const row = box.querySelector(".bl-lit-line");
  if (!row) return;
  const [frame, line, name] = [box, row, row.firstChild].map((part) => part.getBoundingClientRect());
  const spot = (row.querySelector(".bl-used") || row.querySelector(".bl-factor") || row).getBoundingClientRect();
  if (line.top < frame.top + 32) box.scrollTop -= frame.top + 32 - line.top;
  else if (line.bottom > frame.bottom) box.scrollTop += line.bottom - frame.bottom + 4;
  if (spot.left < name.right) box.scrollLeft -= name.right - spot.left + 8;
  else if (spot.right > frame.right && spot.width < frame.width) box.scrollLeft += spot.right - frame.right + 8;
}

/** The non-zeros of a large matrix, its current row as a band. @param {[number, number][]} spots row and column */
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

/** What the matrices of one film have in them at a position. @param {any} film @param {() => number} position */
function matrixOf(film, position) {
  const { matrices: data, frames } = film;
  const operands = new Map(); // by child, then parent, the keys of the edges between them
  for (const { id, from, to } of film.edges) {
    if (!operands.has(to)) operands.set(to, new Map());
    operands.get(to).set(from, [...(operands.get(to).get(from) || []), id.slice(1)]);
  }
  const lengths = [new Map(), new Map()]; // of the longest text in each place: whole, and where "10 + 4" has two lines
  for (const [key, text] of film.changes.flatMap(Object.entries)) {
    const parts = text.split(/ (?=[+−])/).map((part) => part.length);
    [text.length, Math.max(...parts)].forEach((size, k) => lengths[k].set(key, Math.max(size, lengths[k].get(key) || 0)));
  }
  const longest = (key, broken = false) => lengths[Number(broken)].get(key) || 0;
  const here = () => Math.min(position(), frames.length - 1);
  const sweeping = (k = here()) => frames[k].kind !== undefined && frames[k].kind !== "value";
  const turn = (k = here()) => data.turns[k];
  const texts = [textsOf(film), textsOf(film)]; // now, and when the current factor began
  const derivative = (id) => texts[0](here())(`a${id}`);
  /** The entry of L at a child and a parent: its text, "?" while it is not known, undefined where there is no edge. */
  const local = (child, parent) => {
    const slots = operands.get(child)?.get(parent);
    if (!slots) return undefined;
    const shown = texts[0](here())(`w${slots[0]}`);
    return shown && slots.length > 1 ? data.twice[`${child}_${parent}`] : shown || "?";
  };
  /** How many letters a column needs, so that nothing moves when its numbers come: for the entries in it, or in the row. */
  const room = (id) => {
    const row = [...(operands.get(id)?.values() || [])];
    const column = [...operands.values()].map((parents) => parents.get(id) || []);
    return Math.max(1, ...[...row, ...column].flat().map((slot) => longest(`w${slot}`) + 2.3)); // a sign, and the pill
  };
  const solved = (id) => Boolean(derivative(id)) && (film.second !== "adjoint" || here() >= frames.findLastIndex((f) => f.id === id && f.kind !== "value"));
  /** The nodes whose factors have been multiplied so far, in order. */
  const multiplied = () => {
    const order = [];
    for (let k = 1; k <= here(); k += 1) {
      if (!sweeping(k)) continue;
      if (turn(k) < 0) order.length = 0; // a seed: a sweep begins
      else if (order.at(-1) !== turn(k)) order.push(turn(k));
    }
    return order;
  };
  /** The row or column that arrives at the current factor; null before there is one. */
  const arriving = () => {
    if (!sweeping()) return film.second === "tangent" ? derivative : null;
    if (turn() < 0) return null;
    let first = here();
    while (first > 1 && sweeping(first - 1) && turn(first - 1) === turn()) first -= 1;
    const before = texts[1](first - 1);
    return (id) => before(`a${id}`);
  };
  return {
    film, data, frame: () => frames[here()], backwards: film.second === "adjoint", operands, longest,
    sweeping, turn, derivative, local, room, solved, multiplied, arriving,
  };
}

const longestName = (ids, names) => Math.max(0, ...ids.map((id) => names[id].length));

/** The step's factor, with what is carried through it. @param {any} now see `matrixOf` @param {number[]} all */
function factorGrid(now, all, names) {
  const own = now.turn();
  const few = all.length <= MOST_SHOWN;
  const across = few ? all : all.filter((j) => j === own || now.local(own, j) !== undefined);
  const [before, after] = [now.arriving(), now.sweeping() ? now.derivative : null];
  const carried = (vector, id) => {
    const text = vector?.(id);
    return text ? { text, css: vector === after && now.solved(id) ? "bl-solved" : "bl-open", lines: now.backwards } : vector ? NOUGHT : { text: "" };
  };
  const wide = (id) => Math.max(now.room(id), now.backwards ? now.longest(`a${id}`, true) : 0);
  const columns = across.map((id) => ({ id, name: names[id], title: names[id], wide: wide(id) }));
  const lines = (few ? all : all.filter((id) => id === own)).map((id) => ({ id, name: names[id], title: names[id], lit: id === own }));
  const index = own < 0 ? "" : names[own];
  if (now.backwards) {
    lines.unshift({ name: "v̄ᵀ", title: "the row of adjoints that arrives", vector: before, css: "bl-vector" });
    const name = own < 0 && now.sweeping() ? "eᵀ" : indexed("v̄ᵀ J", index);
    lines.push({ name, title: "the row after this factor", vector: after, css: "bl-vector bl-carried-row" });
  } else if (now.film.second) {
    const wideVector = Math.max(longestName(all, names) + 2, ...all.map((id) => now.longest(`a${id}`)));
    const name = own < 0 && now.sweeping() ? "ẋ" : indexed("J", index, " v̇");
    columns.push({ name: "v̇", title: "the column of tangents that arrives", vector: before, css: "bl-vector", wide: wideVector });
    columns.push({ name, title: "the column after this factor", vector: after, css: "bl-vector", wide: wideVector });
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

/** The triangular system, with the row that is being solved. @param {any} now see `matrixOf` @param {number[]} all */
function systemGrid(now, all, names) {
  const { backwards, film } = now;
  const row = now.sweeping() ? now.frame().id : -1;
  const value = (i, j) => (backwards ? now.local(j, i) : now.local(i, j));
  const few = all.length <= MOST_SHOWN;
  const across = few ? all : all.filter((j) => j === row || value(row, j) !== undefined);
  const columns = across.map((id) => ({ id, name: names[id], title: names[id], wide: now.room(id) }));
  if (film.second) {
    const wide = Math.max(0, ...all.map((id) => now.longest(`a${id}`)));
    columns.push({ name: backwards ? "v̄" : "v̇", title: `the ${film.second}s`, part: "unknown", css: "bl-vector", wide });
    columns.push({ name: "", part: "sign" }, { name: backwards ? "e" : "ẋ", title: "the seeds", part: "seed", css: "bl-vector" });
  }
  const seeded = (id) => (backwards ? id === film.routes.to : film.rows.find((r) => r.node === id).is === "input");
  const negated = (text) => (text === "?" || text === "0" ? text : text.startsWith("−") ? text.slice(1) : `−${text}`);
  const lines = (few ? all : all.filter((id) => id === row)).map((id) => ({ id, name: names[id], title: names[id], lit: id === row }));
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
  const inside = spots.filter(([i, j]) => place.has(i) && place.has(j)).map(([i, j]) => [place.get(i), place.get(j)]);
  return [sparsity(inside, all.length, all.indexOf(row), "the non-zeros of the triangular matrix"), table];
}

/** The row that is being solved, as an equation: x̄ = 12 · c̄ + 1 · s̄ = 12 · 11 + 1 · 8 = 140. */
function systemWords(now, all, names) {
  const { backwards, film, data } = now;
  if (!film.second) return ["Forward or reverse mode solves a system with this matrix. Here the values are computed only."];
  const way = backwards ? "Back substitution, from the last row up" : "Forward substitution, from the first row down";
  if (!now.sweeping()) return [`${way}, fills in ${backwards ? "v̄" : "v̇"}. A ? is not known yet.`];
  const row = now.frame().id;
  if (!all.includes(row)) return [`${names[row]} is a constant, and constants are left out.`];
  const terms = all.map((j) => [backwards ? now.local(j, row) : now.local(row, j), j]).filter(([text]) => text !== undefined);
  const bracket = (text) => (text.startsWith("−") ? `(${text})` : text);
  const sum = (last) => terms.map(([text, j]) => `${bracket(text)} · ${last(j)}`).join(" + ");
  if (!terms.length) return [make("div", "bl-so-far", `${data.marks[row]} = ${now.derivative(row)}`), make("div", "", `${way}: it begins with the seed.`)];
  const numbers = terms.every(([, j]) => now.solved(j)) ? ` = ${sum((j) => bracket(now.derivative(j)))}` : "";
  const result = now.solved(row) ? ` = ${now.derivative(row)}.` : `; so far ${now.derivative(row)}.`;
  const equation = make("div", "bl-so-far", `${data.marks[row]} = ${sum((j) => data.marks[j])}${numbers}${result}`);
  return [equation, make("div", "", `${way}: row ${names[row]}.`)];
}

/** What is carried through the factors, and what the whole product costs in either order. */
function factorWords(now, names) {
  const letters = now.multiplied().map((id) => indexed(" J", names[id]));
  const shown = shortened(letters, (n) => make("span", "", ` … ${n} more …`));
  const made = make("div", "bl-so-far");
  if (now.backwards) made.append("v̄ᵀ = eᵀ", ...shown, make("span", "bl-matrix-what", " from left to right; eᵀ has the seed at the output"));
  else if (now.film.second) made.append("v̇ =", ...shown.reverse(), " ẋ", make("span", "bl-matrix-what", " from right to left; ẋ has the seed at the input that moves"));
  const { right, left, columns, rows } = now.data.products;
  const ends = [columns === 1 ? "the input's column" : `the columns of ${columns} inputs`, rows === 1 ? "the output's row" : `the rows of ${rows} outputs`];
  const text = `The whole product: from right to left, beginning with ${ends[0]}, ${several(right, "multiplication")}; from left to right, beginning with ${ends[1]}, ${left}. Copies and changes of sign are free.`;
  return [...(now.film.second ? [made] : []), make("div", "bl-product-cost", text)];
}

/**
 * The view of matrices. `mind.grid` keeps which of the two is shown, `mind.constants` whether constants are.
 * @param {any} film @param {any[]} stages @param {any} mind @param {() => boolean} open
 */
function matricesView(film, stages, mind, open) {
  const { names } = film;
  let at = 0;
  const sweeps = stages.map((s) => (s.film.matrices.why ? null : matrixOf(s.film, () => at)));
  let now = sweeps.at(-1);
  const element = make("section", "bl-view bl-matrices");
  element.setAttribute("aria-label", "matrices");
  const head = make("div", "bl-view-head");
  const title = make("div", "bl-matrix-title");
  const box = make("div", "bl-view-box");
  box.tabIndex = 0; // it may scroll
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "the matrix");
  const words = make("div", "bl-view-words");
  element.append(head, title, box, words);
  const refresh = () => {
    if (open() && now) paint();
  };
  if (!now) {
    element.replaceChildren(words);
    words.textContent = stages.at(-1).film.matrices.why;
    return { element, show: refresh, refresh, other: refresh };
  }

  const choices = [["factors", "factors"], ["system", "triangular system"]].map(([key, text]) => {
    const made = make("button", "bl-toggle", text);
    made.type = "button";
    made.addEventListener("click", () => {
      mind.grid = key;
      refresh();
    });
    return [key, made];
  });
  head.append(...choices.map(([, made]) => made));
  const still = new Set(now.data.still);
  if (still.size) {
    const constants = Object.assign(make("input", "bl-predicts"), { type: "checkbox", checked: Boolean(mind.constants) });
    const choice = make("label", "bl-choice");
    choice.title = "Show the rows and columns of constants, too";
    choice.append(constants, make("span", "", "constants"));
    constants.addEventListener("change", () => {
      mind.constants = constants.checked;
      refresh();
    });
    head.append(choice);
  }
  if (sweeps.length > 1) {
    const which = sweeps.map((one, k) => [String(k), one.backwards ? "reverse" : "forward"]);
    head.append(select("sweep", which, String(sweeps.length - 1), (k) => {
      now = sweeps[Number(k)];
      refresh();
    }).box);
  }

  const titles = (all) => {
    const own = now.turn();
    if (mind.grid === "system") {
      const left = !now.film.second ? "I − L" : now.backwards ? "(I − L)ᵀ v̄ = e" : "(I − L) v̇ = ẋ";
      return [make("span", "", left), make("span", "bl-matrix-what", "L has the local partials: a row for the result, a column for the operand.")];
    }
    const what = own < 0 ? "Each step is a matrix: the identity, and in its own row the local partials."
      : all.includes(own) ? `The identity, and in row ${names[own]} the local partials of ${names[own]}.`
        : `${names[own]} is made of constants, and constants are left out.`;
    return [own < 0 ? "" : indexed("J", names[own]), make("span", "bl-matrix-what", what)];
  };
  const paint = () => {
    for (const [key, made] of choices) made.setAttribute("aria-pressed", String(mind.grid === key));
    const all = film.rows.filter((row) => !row.hidden).map((row) => row.node).filter((id) => mind.constants || !still.has(id));
    const system = mind.grid === "system";
    title.replaceChildren(...titles(all));
    box.replaceChildren(...(system ? systemGrid : factorGrid)(now, all, names));
    words.replaceChildren(...(system ? systemWords(now, all, names) : factorWords(now, names)));
    requestAnimationFrame(() => follow(box)); // with the painting, so that nothing is laid out twice
  };
  /** The player is at another step. */
  const show = (to) => {
    at = to;
    refresh();
  };
  /** The other one of the two. */
  const other = () => {
    mind.grid = mind.grid === "system" ? "factors" : "system";
    refresh();
  };
  return { element, show, refresh, other };
}
