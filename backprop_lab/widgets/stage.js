// The stage: the picture of a graph with its numbers, on which steps light up and nodes can be chosen.

/** A picture as an element; texts and groups by key. @param {string} text */
function picture(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  svg.style.setProperty("--bl-width", `${svg.getAttribute("width")}px`);
  svg.style.setProperty("--bl-height", `${svg.getAttribute("height")}px`);
  const groups = new Map([["svg", svg]]);
  for (const g of svg.querySelectorAll("[data-node]")) groups.set(`n${g.dataset.node}`, g);
  for (const g of svg.querySelectorAll("[data-group]")) groups.set(`g${g.dataset.group}`, g);
  for (const g of svg.querySelectorAll("[data-frame]")) groups.set(`f${g.dataset.frame}`, g);
  for (const g of svg.querySelectorAll("[data-edge]")) groups.set(`e${g.dataset.edge}`, g);
  for (const g of svg.querySelectorAll("[data-wire]")) groups.set(g.dataset.wire, g);
  const texts = new Map();
  for (const text of svg.querySelectorAll("text[data-key]")) texts.set(text.dataset.key, [text]);
  return { svg, groups, texts };
}

/**
 * One film's picture, which can go to any position. `stage.cells` is for others who show the same numbers (the table).
 * @param {any} film @param {any} view what is seen of a folded graph
 */
function stage(film, view) {
  let { svg, groups, texts } = picture(film.svg);
  const element = make("div", "bl-picture");
  element.tabIndex = 0; // it may scroll
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", film.title ? `graph, ${film.title}` : "graph");
  const canvas = make("div", "bl-canvas");
  canvas.append(svg);
  element.append(canvas);

  const now = new Map(); // all texts at this position, also those that are folded away
  let inside = insides(film, view);

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
    now.set(key, value);
    const dull = film.second === "tangent" && key[0] === "a" && value === "0"; // zeros that never get off the ground
    for (const cell of texts.get(key) || []) {
      cell.textContent = value;
      if (key[0] === "w") continue;
      cell.classList.toggle("bl-long", value.length > 9); // set smaller, as drawing/picture.py does
      cell.classList.toggle("bl-zero", dull);
    }
    if (key[0] === "p" && view.shows(key)) groups.get(view.seen(`n${key.slice(1)}`))?.classList.toggle("bl-waiting", value === "");
    if (key[0] === "w") groups.get(`e${key.slice(1)}`)?.classList.toggle("bl-unknown", value === "");
  };

  const heat = heatMaps(film, svg);
  const writeInsides = () => {
    for (const [key, value] of inside(at)) for (const cell of texts.get(key) || []) cell.textContent = value;
  };
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
    writeInsides();
  };
  /** Another picture of the same film, with other parts open, at the same position. */
  const swap = (text) => {
    const fresh = picture(text);
    svg.replaceWith(fresh.svg);
    ({ svg, groups, texts } = fresh);
    inside = insides(film, view);
    lit = [];
    heat.swap(svg);
    for (const key of texts.keys()) if (key[0] !== "d") write(key, now.get(key) || "");
    writeInsides();
  };

  let lit = [];
  const dim = () => {
    for (const [group, name] of lit) group.classList.remove(name);
    lit = [];
  };
  /** Light nodes and edges: {key: class names}. */
  const light = (keys) => {
    for (const [key, names] of Object.entries(keys)) {
      const group = groups.get(view.seen(key));
      if (!group) continue;
      for (const name of names) {
        if (group.classList.contains(name)) continue;
        group.classList.add(name);
        lit.push([group, name]);
      }
    }
  };
  /** Add a cell that shows the number of a key. */
  const cells = (key, cell) => {
    texts.set(key, [...(texts.get(key) || []), cell]);
    if (now.has(key)) cell.textContent = now.get(key);
  };
  const shown = (key) => texts.get(key)?.[0]?.textContent || "";
  const written = () => lit.filter(([, name]) => name === "bl-write").map(([group]) => group);
  return {
    film, element, canvas, seen: view.seen, cells, heat, seek, swap, light, dim, shown, written,
    get svg() { return svg; },
    get groups() { return groups; },
    get texts() { return texts; },
  };
}

/** What some nodes come from and lead to. @param {Map<number, number[]>} above @param {Map<number, number[]>} below */
function relatives(above, below, ids) {
  const reach = (neighbours) => {
    const found = new Set();
    const todo = [...ids];
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
 * Choosing nodes and edges on the stages, by mouse or keys, and saying what they are in one line. What is chosen is named
 * as in fold.js: `n3`, or `g5` for a folded part.
 * @param {any} film @param {any[]} stages @param {(id: number, kind: string) => void} jump go to where a node is computed
 * @param {(id: number) => void} picked told of a node when it is chosen
 * @param {any} view what is seen of a folded graph
 * @param {(part: number, on: boolean, byKey?: boolean) => void} unfold open or close a part
 */
function inspector(film, stages, jump, picked, view, unfold) {
  const element = make("div", "bl-inspect");
  const words = make("span", "bl-inspect-words");
  const spoken = make("span", "bl-hidden"); // what was asked for is read aloud; a step is, too, and must be the only thing
  spoken.setAttribute("aria-live", "polite");
  const actions = make("span", "bl-inspect-actions");
  element.append(words, actions, spoken);
  const numbers = heatPanel(film, stages);
  const HINT = `Choose a node to see what it comes from and where it leads; point at an edge for its local partial.${view.folded ? " A stack of sheets is a part of the graph: click it, or choose it with n and press o, to open it." : ""}`;
  const above = new Map();
  const below = new Map();
  const add = (neighbours, id, other) => (neighbours.has(id) ? neighbours.get(id).push(other) : neighbours.set(id, [other]));
  for (const { from, to } of film.edges) {
    add(above, to, from);
    add(below, from, to);
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
  const badge = (s, key, text) => {
    const group = s.groups.get(key);
    const box = group?.querySelector(".bl-shape")?.getBBox();
    if (!box) return;
    const made = document.createElementNS("http://www.w3.org/2000/svg", "text");
    made.setAttribute("class", "bl-badge");
    made.setAttribute("x", String(box.x + box.width / 2));
    made.setAttribute("y", String(box.y + box.height + (group.classList.contains("bl-output") ? 19 : 14)));
    made.textContent = text;
    group.append(made);
  };
  const list = (keys) => {
    const names = view.order().filter((key) => keys.has(key)).map(view.label);
    return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ") || "nothing";
  };
  const action = (text, run) => {
    const made = make("button", "bl-toggle", text);
    made.type = "button";
    made.addEventListener("click", run);
    actions.append(made);
  };

  /** Where the nodes that lead to or come from something are seen, itself left out. */
  const places = (ids, key) => {
    const found = new Set([...ids].map((id) => view.seen(`n${id}`)));
    found.delete(key);
    return found;
  };
  let kin = { before: new Set(), after: new Set() }; // of what is chosen

  const choose = (key) => {
    if (key !== null && key !== chosen && key[0] === "n") picked(view.result(key));
    edge = null;
    chosen = key;
    clear();
    numbers.show(key === null ? null : view.result(key));
    if (key === null) return;
    const own = new Set(view.inside(key));
    const { before, after } = relatives(above, below, own);
    kin = { before: places(before, key), after: places(after, key) };
    const few = kin.before.size + kin.after.size <= 60;
    const name = view.label(key);
    for (const s of stages) {
      mark(s, "svg", "bl-choosing");
      mark(s, key, "bl-chosen");
      for (const [others, kind, says] of [[kin.before, "bl-before", `leads to ${name}`], [kin.after, "bl-after", `comes from ${name}`]]) {
        for (const other of others) {
          mark(s, other, kind);
          if (few) badge(s, other, says);
        }
      }
      for (const { id: line, from, to } of film.edges) {
        if ((before.has(from) && (before.has(to) || own.has(to))) || ((after.has(from) || own.has(from)) && after.has(to))) mark(s, view.seen(line), "bl-kin");
      }
    }
    tell();
    const part = view.around(key);
    const id = view.result(key);
    if (key[0] === "g") action("open", () => unfold(Number(key.slice(1)), true));
    action("go to its value", () => jump(id, "value"));
    if (film.second) action(`go to its ${stages.length > 1 ? "adjoint" : film.second}`, () => jump(id, "derivative"));
    if (part) action(`fold ${view.parts[part].label}`, () => unfold(part, false));
    action("close", () => choose(null));
  };
  /** Say what is chosen, with its numbers at this step. */
  const tell = () => {
    const id = view.result(chosen);
    const name = film.names[id];
    const row = film.rows[id];
    const whole = stages.map((s) => [s.film.second, s.shown(`a${id}`)]).filter(([second, text]) => second && text);
    const derivative = whole.map(([second, text]) => `, ${second} ${text} (the whole derivative)`).join("");
    const is = row.is === name ? name : `${name}: ${row.is}`;
    const size = chosen[0] === "g" ? `${view.label(chosen)}: ${view.parts[Number(chosen.slice(1))].size} nodes, folded. Its result is ` : "";
    words.textContent = `${size}${is}${derivative}. It depends on ${list(kin.before)}; it influences ${list(kin.after)}.`;
  };

  const describe = (key) => {
    for (const s of stages) mark(s, key, "bl-pointed");
    const found = film.edges.find((e) => e.id === key);
    if (!found) {
      const ends = key.slice(1).split("_").map(view.label).join(" → ");
      const uses = [...view.lines().values()].filter((line) => line === key).length;
      words.textContent = `${several(uses, "edge")} ${ends}. Open the folded part to see ${uses > 1 ? "each with its" : "it with its"} local partial.`;
      return;
    }
    const number = stages[0].shown(`w${key.slice(1)}`);
    const value = number ? ` = ${number}` : "; its number is not known yet";
    const simple = found.formula.endsWith(`= ${number}`);
    const way = `The edge ${film.names[found.from]} → ${film.names[found.to]}`;
    if (found.rule) words.textContent = `${way} in the reverse sweep: ${found.rule}, one step, not the whole derivative. ${found.words}`;
    else words.textContent = `${way} has the local partial ${found.formula}${simple ? "" : value}: one step, not the whole derivative.`;
  };
  const leave = () => (edge === null ? choose(chosen) : null);

  const line = (target) => {
    const over = target.closest?.("[data-edge], [data-wire]");
    return over && (over.dataset.wire || `e${over.dataset.edge}`);
  };
  for (const s of stages) {
    s.canvas.addEventListener("mouseover", (event) => {
      const over = line(event.target);
      if (!over || edge !== null) return;
      for (const [group, name] of marks.filter(([, n]) => n === "bl-pointed")) group.classList.remove(name);
      describe(over);
    });
    s.canvas.addEventListener("mouseout", (event) => {
      if (line(event.target)) leave();
    });
    s.canvas.addEventListener("click", (event) => {
      if (event.target.closest?.("form")) return; // a box for a prediction
      const [node, box, close] = ["node", "group", "close"].map((kind) => event.target.closest?.(`[data-${kind}]`)?.dataset[kind]);
      if (element.closest(".bl-player")?.dataset.picking) return; // this click answers whose turn it is
      if (close || box) {
        unfold(Number(close || box), !close);
        return;
      }
      if (node) choose(`n${node}` === chosen ? null : `n${node}`);
      else if (!line(event.target)) choose(null);
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
      const order = view.order();
      const here = order.indexOf(chosen);
      const step = pressed === "n" ? 1 : -1;
      choose(order[(here + step + order.length + (here < 0 && step < 0 ? 1 : 0)) % order.length]);
      return true;
    }
    if ((pressed === "e" || pressed === "E") && chosen !== null) {
      const at = (id) => view.seen(`n${id}`) === chosen;
      const touching = [...new Set(film.edges.filter((e) => at(e.from) || at(e.to)).map((e) => view.seen(e.id)))].filter(Boolean);
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
    if (chosen !== null && (pressed === "o" || (pressed === "Enter" && chosen[0] === "g"))) {
      const part = chosen[0] === "g" ? Number(chosen.slice(1)) : view.around(chosen);
      if (part) unfold(part, chosen[0] === "g", true);
      return true;
    }
    if (pressed === "Enter" && chosen !== null) {
      jump(view.result(chosen), "derivative");
      return true;
    }
    return false;
  };
  /** The numbers have changed: say them again. */
  const refresh = () => {
    if (chosen === null) return;
    numbers.show(view.result(chosen));
    tell();
    if (edge !== null) describe(edge);
  };
  const say = (text) => {
    words.textContent = text;
    spoken.textContent = text;
  };
  /** Other parts are open: the marks were on the old picture. What was opened leads to what is in it, and back. */
  const swapped = (key) => {
    marks = [];
    choose(key);
  };
  return {
    element, numbers: numbers.element, key, refresh, say, swapped,
    choose: (id) => choose(id === null ? null : view.seen(`n${id}`)),
    chosen: () => (chosen === null ? null : view.result(chosen)),
    place: () => chosen,
  };
}
