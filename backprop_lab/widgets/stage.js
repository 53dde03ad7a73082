// The stage: the picture of a graph with its numbers, on which steps light up and nodes can be chosen.

/** The film's picture as an element; texts and groups by key. */
function picture(film) {
  const parsed = new DOMParser().parseFromString(film.svg, "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  svg.style.setProperty("--bl-width", `${svg.getAttribute("width")}px`);
  svg.style.setProperty("--bl-height", `${svg.getAttribute("height")}px`);
  const groups = new Map([["svg", svg]]);
  for (const g of svg.querySelectorAll("[data-node]")) groups.set(`n${g.dataset.node}`, g);
  for (const g of svg.querySelectorAll("[data-edge]")) groups.set(`e${g.dataset.edge}`, g);
  const texts = new Map();
  for (const text of svg.querySelectorAll("text[data-key]")) texts.set(text.dataset.key, [text]);
  return { svg, groups, texts };
}

/**
 * One film's picture, which can go to any position. `stage.cells` is for others who show the same numbers (the table).
 * @param {any} film
 */
function stage(film) {
  const { svg, groups, texts } = picture(film);
  const element = make("div", "bl-picture");
  element.tabIndex = 0; // it may scroll
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", film.title ? `graph, ${film.title}` : "graph");
  const canvas = make("div", "bl-canvas");
  canvas.append(svg);
  element.append(canvas);

  const undo = []; // undo[k]: what the texts that step k changes were before it
  const known = new Map();
  film.changes.forEach((change, k) => {
    undo[k] = {};
    for (const key of Object.keys(change)) {
      undo[k][key] = known.get(key) || "";
      known.set(key, change[key]);
    }
  });

  const write = (key, value) => {
    const dull = film.second === "tangent" && key[0] === "a" && value === "0"; // zeros that never get off the ground
    for (const cell of texts.get(key) || []) {
      cell.textContent = value;
      if (key[0] === "w") continue;
      cell.classList.toggle("bl-long", value.length > 9); // set smaller, as drawing/picture.py does
      cell.classList.toggle("bl-zero", dull);
    }
    if (key[0] === "p") groups.get(`n${key.slice(1)}`)?.classList.toggle("bl-waiting", value === "");
    if (key[0] === "w") groups.get(`e${key.slice(1)}`)?.classList.toggle("bl-unknown", value === "");
  };

  const heat = heatMaps(film, svg);
  let at = -1;
  /** Go to a position: only what changes on the way is written. */
  const seek = (to) => {
    to = Math.min(to, film.changes.length - 1);
    while (at < to) {
      at += 1;
      for (const [key, value] of Object.entries(film.changes[at])) write(key, value);
    }
    while (at > to) {
      for (const [key, value] of Object.entries(undo[at])) write(key, value);
      at -= 1;
    }
    heat.seek(to);
  };

  let lit = [];
  const dim = () => {
    for (const [group, name] of lit) group.classList.remove(name);
    lit = [];
  };
  /** Light nodes and edges: {key: class names}. */
  const light = (keys) => {
    for (const [key, names] of Object.entries(keys)) {
      const group = groups.get(key);
      if (!group) continue;
      for (const name of names) {
        group.classList.add(name);
        lit.push([group, name]);
      }
    }
  };
  /** Add a cell that shows the number of a key. */
  const cells = (key, cell) => texts.set(key, [...(texts.get(key) || []), cell]);
  const shown = (key) => texts.get(key)?.[0]?.textContent || "";
  const written = () => lit.filter(([, name]) => name === "bl-write").map(([group]) => group);
  return { film, element, canvas, svg, groups, texts, cells, heat, seek, light, dim, shown, written };
}

/** What a node comes from and leads to. @param {Map<number, number[]>} above @param {Map<number, number[]>} below */
function relatives(above, below, id) {
  const reach = (neighbours) => {
    const found = new Set();
    const todo = [id];
    while (todo.length) {
      for (const next of neighbours.get(todo.pop()) || []) {
        if (!found.has(next)) {
          found.add(next);
          todo.push(next);
        }
      }
    }
    return found;
  };
  return { before: reach(above), after: reach(below) };
}

/**
 * Choosing nodes and edges on the stages, by mouse or keys, and saying what they are in one line.
 * @param {any} film @param {any[]} stages @param {(id: number, kind: string) => void} jump go to where a node is computed
 * @param {(id: number) => void} picked told of a node when it is chosen
 */
function inspector(film, stages, jump, picked) {
  const element = make("div", "bl-inspect");
  const words = make("span", "bl-inspect-words");
  const spoken = make("span", "bl-hidden"); // what was asked for is read aloud; a step is, too, and must be the only thing
  spoken.setAttribute("aria-live", "polite");
  const actions = make("span", "bl-inspect-actions");
  element.append(words, actions, spoken);
  const numbers = heatPanel(film, stages);
  const HINT = "Choose a node to see what it comes from and where it leads; point at an edge for its local partial.";
  const order = film.rows.map((row) => row.node);
  const above = new Map();
  const below = new Map();
  for (const { from, to } of film.edges) {
    above.set(to, [...(above.get(to) || []), from]);
    below.set(from, [...(below.get(from) || []), to]);
  }
  let chosen = null;
  let edge = null;
  let marks = [];

  const clear = () => {
    for (const [group, name] of marks) group.classList.remove(name);
    for (const s of stages) for (const badge of s.svg.querySelectorAll(".bl-badge")) badge.remove();
    marks = [];
    actions.replaceChildren();
    words.textContent = HINT;
    spoken.textContent = "";
  };
  const mark = (s, key, name) => {
    const group = s.groups.get(key);
    if (!group) return;
    group.classList.add(name);
    marks.push([group, name]);
  };
  const badge = (s, id, text) => {
    const group = s.groups.get(`n${id}`);
    const box = group?.querySelector(".bl-shape")?.getBBox();
    if (!box) return;
    const made = document.createElementNS("http://www.w3.org/2000/svg", "text");
    made.setAttribute("class", "bl-badge");
    made.setAttribute("x", String(box.x + box.width / 2));
    made.setAttribute("y", String(box.y + box.height + (group.classList.contains("bl-output") ? 19 : 14)));
    made.textContent = text;
    group.append(made);
  };
  const named = (ids) => order.filter((id) => ids.has(id)).map((id) => film.names[id]);
  const list = (ids) => {
    const names = named(ids);
    return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ") || "nothing";
  };
  const action = (text, run) => {
    const made = make("button", "bl-toggle", text);
    made.type = "button";
    made.addEventListener("click", run);
    actions.append(made);
  };

  const choose = (id) => {
    if (id !== null && id !== chosen) picked(id);
    edge = null;
    chosen = id;
    clear();
    numbers.show(id);
    if (id === null) return;
    const { before, after } = relatives(above, below, id);
    const few = before.size + after.size <= 60;
    const name = film.names[id];
    for (const s of stages) {
      mark(s, "svg", "bl-choosing");
      mark(s, `n${id}`, "bl-chosen");
      for (const other of before) {
        mark(s, `n${other}`, "bl-before");
        if (few) badge(s, other, `leads to ${name}`);
      }
      for (const other of after) {
        mark(s, `n${other}`, "bl-after");
        if (few) badge(s, other, `comes from ${name}`);
      }
      for (const { id: key, from, to } of film.edges) {
        if ((before.has(from) && (before.has(to) || to === id)) || ((after.has(from) || from === id) && after.has(to))) mark(s, key, "bl-kin");
      }
    }
    const row = film.rows.find((r) => r.node === id);
    const is = row.is === name ? name : `${name}: ${row.is}`;
    const whole = stages.map((s) => [s.film.second, s.shown(`a${id}`)]).filter(([second, text]) => second && text);
    const derivative = whole.map(([second, text]) => `, ${second} ${text} (the whole derivative)`).join("");
    words.textContent = `${is}${derivative}. It depends on ${list(before)}; it influences ${list(after)}.`;
    action("go to its value", () => jump(id, "value"));
    if (film.second) action(`go to its ${stages.length > 1 ? "adjoint" : film.second}`, () => jump(id, "derivative"));
    action("close", () => choose(null));
  };

  const describe = (key) => {
    const found = film.edges.find((e) => e.id === key);
    if (!found) return;
    const number = stages[0].shown(`w${key.slice(1)}`);
    const value = number ? ` = ${number}` : "; its number is not known yet";
    const simple = found.formula.endsWith(`= ${number}`);
    const way = `The edge ${film.names[found.from]} → ${film.names[found.to]}`;
    if (found.rule) words.textContent = `${way} in the reverse sweep: ${found.rule}, one step, not the whole derivative. ${found.words}`;
    else words.textContent = `${way} has the local partial ${found.formula}${simple ? "" : value}: one step, not the whole derivative.`;
    for (const s of stages) mark(s, key, "bl-pointed");
  };
  const leave = () => (edge === null ? choose(chosen) : null);

  for (const s of stages) {
    s.svg.addEventListener("mouseover", (event) => {
      const over = event.target.closest?.("[data-edge]");
      if (!over || edge !== null) return;
      for (const [group, name] of marks.filter(([, n]) => n === "bl-pointed")) group.classList.remove(name);
      describe(`e${over.dataset.edge}`);
    });
    s.svg.addEventListener("mouseout", (event) => {
      if (event.target.closest?.("[data-edge]")) leave();
    });
    s.svg.addEventListener("click", (event) => {
      const node = event.target.closest?.("[data-node]");
      const on = event.target.closest?.("[data-edge]");
      if (element.closest(".bl-player")?.dataset.picking) return; // this click answers whose turn it is
      if (node) choose(Number(node.dataset.node) === chosen ? null : Number(node.dataset.node));
      else if (!on) choose(null);
      spoken.textContent = chosen === null ? "" : words.textContent;
    });
  }
  clear();

  /** The next or previous node; then its edges. Returns whether the key meant something here. */
  const key = (pressed) => {
    const meant = move(pressed);
    if (meant) spoken.textContent = words.textContent;
    return meant;
  };
  const move = (pressed) => {
    if (pressed === "n" || pressed === "N") {
      const here = order.indexOf(chosen);
      const step = pressed === "n" ? 1 : -1;
      choose(order[(here + step + order.length + (here < 0 && step < 0 ? 1 : 0)) % order.length]);
      return true;
    }
    if ((pressed === "e" || pressed === "E") && chosen !== null) {
      const touching = film.edges.filter((e) => e.from === chosen || e.to === chosen).map((e) => e.id);
      if (!touching.length) return true;
      const step = pressed === "e" ? 1 : -1;
      const next = edge === null ? (step > 0 ? 0 : touching.length - 1) : (touching.indexOf(edge) + step + touching.length) % touching.length;
      const keep = chosen;
      choose(keep);
      edge = touching[next];
      describe(edge);
      return true;
    }
    if (pressed === "Escape" && (chosen !== null || edge !== null)) {
      choose(null);
      return true;
    }
    if (pressed === "Enter" && chosen !== null) {
      jump(chosen, "derivative");
      return true;
    }
    return false;
  };
  /** The numbers have changed: say them again. */
  const refresh = () => {
    if (edge !== null) {
      const keep = edge;
      choose(chosen);
      edge = keep;
      describe(edge);
    } else if (chosen !== null) choose(chosen);
  };
  return { element, numbers: numbers.element, key, refresh, choose, chosen: () => chosen };
}
