// Beside the stage: the table of nodes, the student's code, the strip of phases, the costs, the legend, the keys.

/** The table of nodes that are seen; its number cells join those that the stages write. `fill` makes its rows anew. */
function table(film, stages, view) {
  const made = make("table", "bl-table");
  const head = make("tr", "");
  const columns = [["p", "primal", stages[0]]];
  for (const s of stages) if (s.film.second) columns.push(["a", s.film.second, s]);
  for (const title of ["node", "is", ...columns.map(([, title]) => title)]) {
    const cell = make("th", `bl-col-${title}`, title);
    cell.scope = "col";
    head.append(cell);
  }
  const top = make("thead", "");
  top.append(head);
  const body = make("tbody", "");
  const rows = new Map();
  const row = (key) => {
    const tr = make("tr", "");
    const folded = key[0] === "g";
    const id = view.result(key);
    const says = folded ? `${view.parts[Number(key.slice(1))].size} nodes, result ${film.names[id]}` : film.rows[id].is;
    const name = make("th", "bl-col-node", view.label(key));
    name.scope = "row";
    const is = make("td", "bl-col-is", says);
    name.title = view.label(key); // in full, where the column cuts it
    is.title = says;
    if (!folded) is.append(make("span", "bl-hidden", seenInThePicture(film, stages[0], film.rows[id])));
    tr.append(name, is);
    for (const [kind, title, s] of columns) {
      const cell = make("td", `bl-col-${title} bl-value`, "");
      s.cells(`${kind}${id}`, cell);
      tr.append(cell);
    }
    rows.set(key, tr);
    return tr;
  };
  const fill = () => {
    rows.clear();
    body.replaceChildren(...view.order().map(row));
  };
  fill();
  made.append(make("caption", "bl-hidden", "Nodes with their numbers at this step"), top, body);
  const box = make("div", "bl-sheet");
  box.tabIndex = 0; // it may scroll
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "table of nodes");
  box.append(made);
  return { box, rows, fill };
}

/** What shapes and arrows say of a node, for who hears the table: an output, what it depends on. */
function seenInThePicture(film, stage, row) {
  const from = [...new Set(film.edges.filter((edge) => edge.to === row.node).map((edge) => film.names[edge.from]))];
  const output = stage.groups.get(`n${row.node}`)?.classList.contains("bl-output");
  return [from.length ? `; operation, depends on ${from.join(", ")}` : "", output ? "; output" : ""].join("");
}

/** The student's code, one element a line. */
function listing(film) {
  const box = make("div", "bl-code");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "source code");
  const longest = Math.max(0, ...film.code.flatMap((block) => block.lines.map((line) => line.length)));
  box.style.setProperty("--bl-columns", String(longest + 5)); // as large as all of a line fits, down to a floor; then it wraps
  const lines = film.code.map((block) => {
    const pre = make("pre", "bl-block");
    const list = block.lines.map((text, k) => {
      const line = make("span", "bl-line");
      line.append(make("span", "bl-lineno", String(block.first + k)), make("span", "bl-linetext", text || " "));
      pre.append(line);
      return line;
    });
    box.append(pre);
    return list;
  });
  return { box, lines };
}

/** The strip above the slider that says which part of the run is where. */
function strip(film, go) {
  const made = make("div", "bl-phases");
  let from = 0;
  const parts = film.phases.map((phase) => {
    const part = make("div", `bl-phase bl-phase-${phase.name.split(" ").pop()}`);
    part.style.flexGrow = String(phase.steps);
    part.append(make("span", "bl-done"), make("span", "bl-phasename", phase.name));
    part.title = `${phase.name}: ${several(phase.steps, "step")}`;
    const start = from;
    part.addEventListener("click", () => go(start + 1));
    made.append(part);
    from += phase.steps;
    return { part, start, steps: phase.steps };
  });
  made.setAttribute("aria-hidden", "true"); // the slider says the same to a screen reader
  const show = (at) => {
    for (const { part, start, steps } of parts) {
      part.firstChild.style.width = `${(100 * Math.max(0, Math.min(steps, at - start))) / steps}%`;
    }
  };
  return { made, show };
}

const work = (...counts) => {
  const said = ["multiplication", "addition", "function call"].map((word, k) => (counts[k] ? several(counts[k], word) : ""));
  return said.filter(Boolean).join(", ") || "nothing yet";
};

/** What the run has cost so far, in words; the rows of numbers are made in drawing/pace.py. */
function costWords(film, at) {
  const [vm, va, vf, stored, sweep, m, a, f, zeros] = film.costs[Math.min(at, film.costs.length - 1)];
  const said = [`values: ${work(vm, va, vf)}`];
  if (film.second === "adjoint") {
    said.push(`reverse, ${several(sweep, "sweep")}: ${work(m, a, f)}`, `stored for the way back: ${several(stored, "number")}`);
  }
  if (film.second === "tangent") {
    said.push(`forward, ${several(sweep, "sweep")}: ${work(m, a, f)}`, "stored: nothing");
    if (zeros) said.push(`${zeros === 1 ? "1 tangent of this sweep is" : `${zeros} tangents of this sweep are`} 0`);
  }
  return said;
}

/** The row of costs under a stage. */
function costRow(film) {
  const made = make("div", "bl-costs");
  const show = (at) => {
    made.replaceChildren(...costWords(film, at).map((text) => make("span", "", text)));
  };
  return { made, show };
}

/** What the colours and shapes mean. */
function legend(film, stages) {
  const seconds = new Set(stages.map((s) => s.film.second));
  const keys = [["p", "primal: the value"]];
  if (seconds.has("adjoint")) keys.push(["a", "adjoint: derivative of the output with respect to this node"]);
  if (seconds.has("tangent")) keys.push([seconds.size > 1 ? "t" : "a", "tangent: rate of this node as the chosen input moves"]);
  keys.push(["w", "on an edge: local partial"], ["input", "input"], ["constant", "constant"], ["operation", "operation"], ["output", "output"]);
  if (film.fold) keys.push(["folded", "a part of the graph, folded: its cells show its result"]);
  if (stages.some((s) => s.film.heat?.maps.some((map) => map.keys))) {
    keys.push(["heat", "an entry of an array: its area is the magnitude; hollow: negative, ×: not a number, triangle: infinite"]);
  }
  const made = make("div", "bl-legend");
  for (const [kind, text] of keys) {
    const item = make("span", "");
    item.append(make("i", `bl-key bl-key-${kind}`), text);
    made.append(item);
  }
  return made;
}

const KEYS = [
  ["→ ←", "next and previous step"],
  ["Page Down, Page Up", "to the end and the start of a phase"],
  ["End, Home", "to the end and the start"],
  ["g", "how far a step goes: an edge, a node, a phase"],
  ["n, Shift+n", "choose the next or the previous node; Enter goes to its derivative"],
  ["o", "open the chosen stack of sheets; fold the part around the chosen node"],
  ["i", "open what the current step is in"],
  ["e, Shift+e", "the edges of the chosen node, one by one"],
  ["p, Shift+p", "the next and the previous path; the first press opens the paths"],
  ["m", "the matrices: the step's factor, then the triangular system"],
  ["f", "projector: only graph and step, full screen"],
  ["s", "settings: mode, inputs, output, seed"],
  ["Escape", "let go of the chosen node, leave the projector"],
];

/** The keys, in a list that opens. */
function keyList() {
  const made = make("dl", "bl-keys");
  made.hidden = true;
  for (const [key, what] of KEYS) made.append(make("dt", "", key), make("dd", "", what));
  return made;
}
