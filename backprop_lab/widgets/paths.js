// Paths: one after another lights up on the graph; along each the local partials multiply, and the products add up to
// the derivative. The order is that of bl.paths; how many there are is counted without walking them.

const MOST_PATHS = 50; // that one can look at; the others are counted
const LONGEST = 14; // edges of a path that are all written down

/** The edges between two nodes, by the node that they start from; each of them lies on some path. */
function between(edges, source, sink) {
  const onward = new Map();
  const leads = new Set([sink]);
  for (const edge of [...edges].reverse()) if (leads.has(edge.to)) leads.add(edge.from);
  const reached = new Set([source]);
  for (const edge of edges) {
    if (!reached.has(edge.from) || !leads.has(edge.to)) continue;
    reached.add(edge.to);
    onward.set(edge.from, [...(onward.get(edge.from) || []), edge]);
  }
  return onward;
}

/** How many paths there are, exactly: each node hands its number on over every edge. Edges come operands first. */
function countPaths(edges, source, sink) {
  const ways = new Map([[source, 1n]]);
  for (const { from, to } of edges) if (ways.has(from)) ways.set(to, (ways.get(to) || 0n) + ways.get(from));
  return ways.get(sink) || 0n;
}

/** The first paths, each a list of edges. */
function firstPaths(edges, source, sink, most) {
  if (source === sink) return [[]];
  const onward = between(edges, source, sink);
  const found = [];
  const trail = [];
  const stack = [[...(onward.get(source) || [])]];
  while (stack.length && found.length < most) {
    const edge = stack.at(-1).shift();
    if (!edge) {
      stack.pop();
      trail.pop();
    } else if (edge.to === sink) found.push([...trail, edge]);
    else {
      trail.push(edge);
      stack.push([...(onward.get(edge.to) || [])]);
    }
  }
  return found;
}

/** A count in digits, or, if it is very large, as 1.27·10³⁰. @param {bigint} count */
function counted(count) {
  const digits = String(count);
  if (digits.length <= 31) return digits.replace(/\B(?=(\d{3})+$)/g, ",");
  const power = [...String(digits.length - 1)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  return `${wrote(Number(`${digits[0]}.${digits.slice(1, 8)}`), 3)}·10${power}`;
}

/** Numbers as a sum: 132 + 8, 16 − 4 − 4 + 1; of many the first and the last. @param {number[]} terms */
function summed(terms) {
  const signed = terms.map((x, k) => {
    const text = wrote(x, 5);
    return k === 0 ? text : text.startsWith("−") ? ` − ${text.slice(1)}` : ` + ${text}`;
  });
  return signed.length > 6 ? `${signed.slice(0, 3).join("")} + …${signed.at(-1)}` : signed.join("");
}

/** The pieces of a path; of a long one the first two and the last ten, since neighbours in the list differ at the end. */
function shortened(pieces, gap) {
  return pieces.length <= LONGEST ? pieces : [...pieces.slice(0, 2), gap(pieces.length - 12), ...pieces.slice(-10)];
}

/** Draw the edges as one road on a picture, under everything else; its border tells it from a step's lit edge. */
function drawRoute(stage, edges, nodes) {
  stage.svg.querySelector(".bl-route")?.remove();
  const first = stage.svg.querySelector("[data-wire], [data-edge], [data-node], [data-group]");
  if (!first || !nodes.length) return;
  const layer = draw("g", "bl-route", {});
  const copies = [];
  const copy = (group, part) => {
    const path = group?.querySelector(part)?.cloneNode(false);
    if (!path) return;
    path.removeAttribute("class");
    if (group.getAttribute("transform")) path.setAttribute("transform", group.getAttribute("transform"));
    copies.push(path);
  };
  // Of a folded graph, where edges and nodes are seen: inside a folded part the road is the part.
  const seen = (keys) => [...new Set(keys.map(stage.seen))].map((key) => stage.groups.get(key));
  for (const group of seen(edges.map((edge) => edge.id))) copy(group, ".bl-wire");
  for (const group of seen(nodes.map((id) => `n${id}`))) copy(group, ".bl-shape");
  for (const css of ["bl-route-border", "bl-route-road"]) {
    const lane = draw("g", css, {});
    lane.append(...copies.map((path) => path.cloneNode(false)));
    layer.append(lane);
  }
  first.parentNode.insertBefore(layer, first);
}

/**
 * The view of paths. `needs` is what it needs of the player: open() says whether it stands open, hides() whether numbers
 * are still to be predicted. What was chosen is kept in `mind`, by name, for the next film.
 * @param {any} film @param {any[]} stages @param {any} mind @param {{open: () => boolean, hides: () => boolean}} needs
 */
function pathsView(film, stages, mind, needs) {
  const main = stages.at(-1); // of two side by side the reverse sweep
  const { routes, edges, second, frames } = main.film;
  const { names } = film;
  const node = (name, other) => film.rows.find((row) => row.name === name)?.node ?? other;
  const ends = { source: node(mind.route.source, routes.from), sink: node(mind.route.sink, routes.to) };
  let at = 0;
  let seen = mind.route.seen; // how many paths have lit up so far
  let paths = [];
  let total = 0n;

  const element = make("section", "bl-view bl-paths");
  element.setAttribute("aria-label", "paths");
  const listed = film.rows.filter((row) => !row.hidden).map((row) => [String(row.node), row.is === "constant" ? `${row.name} (constant)` : row.name]);
  const from = select("paths from", listed, String(ends.source), (id) => move({ source: Number(id) }));
  const to = select("to", listed, String(ends.sink), (id) => move({ sink: Number(id) }));
  const walker = (text, key, by) => {
    const made = make("button", "bl-toggle", text);
    made.type = "button";
    made.title = `${text} (${key})`;
    made.addEventListener("click", () => go(by));
    return made;
  };
  const back = walker("previous path", "Shift+p", -1);
  const next = walker("next path", "p", 1);
  const count = make("span", "bl-paths-count");
  const head = make("div", "bl-view-head");
  head.append(from.box, to.box, back, next, make("i", "bl-key bl-key-route"), count);
  const box = make("div", "bl-view-box");
  box.tabIndex = 0; // it may scroll
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "list of paths");
  const words = make("div", "bl-view-words");
  element.append(head, box, words);

  const texts = textsOf(main.film);
  const partial = (edge) => texts(at)(`w${edge.id.slice(1)}`); // as on the edge; empty while it is not known
  const isNumber = (path) => path.every((edge) => edge.partial !== null);
  const product = (path) => path.reduce((all, edge) => all * Number(edge.partial), 1);
  const done = (id) => at >= frames.findLastIndex((frame) => frame.id === id && frame.kind !== "value");
  const watched = () => (second === "adjoint" ? ends.source : ends.sink);
  /** Whether no product can tell a number that is still to be predicted. */
  const told = () => !needs.hides() || !second || done(watched());
  const tells = (path) => told() && isNumber(path) && path.every(partial);

  /** x → c → F. An operation that takes a node twice makes two paths through the same nodes, so the operand is said. */
  const way = (path) => [names[ends.source], ...shortened(path.map((edge) => {
    const twins = edges.filter((other) => other.from === edge.from && other.to === edge.to);
    return twins.length > 1 ? `${names[edge.to]} (operand ${Number(edge.id.split("_")[1]) + 1})` : names[edge.to];
  }), () => "…")].join(" → ");
  const factors = (path) => {
    const cell = make("td", "bl-factors", path.length ? "" : "no edge");
    const written = path.map((edge) => {
      const text = partial(edge) || "?";
      return make("span", "bl-factor", text.startsWith("−") ? `(${text})` : text);
    });
    const sign = isNumber(path) ? " · " : " ";
    shortened(written, (n) => make("span", "", `… ${n} more …`)).forEach((factor, k) => cell.append(k ? sign : "", factor));
    return cell;
  };
  const row = (path, current) => {
    const made = make("tr", current ? "bl-current-path" : "");
    if (current) made.setAttribute("aria-current", "true");
    const named = Object.assign(make("th", "", way(path)), { scope: "row" });
    const result = tells(path) ? `= ${wrote(product(path), 5)}` : isNumber(path) ? "= ?" : "a rule";
    made.append(named, factors(path), make("td", "bl-product", result));
    return made;
  };
  const table = (shown, sum) => {
    const made = make("table", "bl-routes");
    made.append(make("caption", "bl-hidden", `Paths from ${names[ends.source]} to ${names[ends.sink]}`));
    made.append(make("thead", ""), make("tbody", ""), make("tfoot", ""));
    const top = make("tr", "");
    for (const text of ["path", "local partials", "product"]) top.append(Object.assign(make("th", "", text), { scope: "col" }));
    made.tHead.append(top);
    made.tBodies[0].append(...shown.map((path, k) => row(path, k === shown.length - 1)));
    const all = BigInt(shown.length) === total;
    const last = make("tr", "bl-sum");
    last.append(Object.assign(make("th", "", all ? "all paths added up" : "added up so far"), { scope: "row" }));
    last.append(make("td", "", sum === null || shown.length < 2 ? "" : summed(shown.map(product))));
    const result = sum !== null ? `= ${wrote(sum, 5)}` : shown.every(isNumber) ? "= ?" : "";
    last.append(make("td", all ? "bl-whole" : "bl-product", result));
    made.tFoot.append(last);
    return made;
  };

  /** Whether the sweep has a number for these paths: they end where it starts, or start at the input that moves. */
  const ours = () => (second === "adjoint" ? ends.sink === routes.to : second && names[ends.source] === film.options.wrt);
  /** What the sum over all paths is, and what the sweep says to it. */
  const conclusion = (products, sum, lanes) => {
    const [source, sink] = [names[ends.source], names[ends.sink]];
    const added = `${products.length > 1 ? `${summed(products)} = ` : ""}${wrote(sum, 5)}`;
    const derivative = `${added}, the derivative of ${sink} with respect to ${source}.`;
    if (!second) return derivative;
    if (!ours()) return `${derivative} ${second === "adjoint" ? `Adjoints are derivatives of ${names[routes.to]}` : `In this sweep ${film.options.wrt} moves`}.`;
    if (!done(watched())) return `${derivative} The sweep has not finished ${names[watched()]} yet: step on and compare.`;
    const seed = Number(routes.seed); // inf and nan come as text
    const [mine, other] = [sum * seed, Number(routes.whole[watched()])];
    const size = products.reduce((all, x) => all + Math.abs(x * seed), 0);
    const same = Object.is(mine, other) || Math.abs(mine - other) <= 1e-9 * size;
    const scaled = seed === 1 ? added : `${added}; times the seed ${wrote(seed, 5)} it is ${wrote(mine, 5)}`;
    const check = `The sweep found ${same ? "the same number" : wrote(other, 5)}`;
    const passed = lanes > 1 ? `, and passed each of the ${lanes} edges once` : "";
    return `${scaled}, the ${second} of ${names[watched()]}. ${check}${passed}.`;
  };
  const tooMany = (lanes) => {
    const found = ours() && told() && done(watched()) ? `: it found ${wrote(Number(routes.whole[watched()]), 5)}, the ${second} of ${names[watched()]}` : "";
    return `There are ${counted(total)} paths, and you can look at the first ${MOST_PATHS}. All run over the same ${several(lanes, "edge")}, and a sweep passes each of these once${found}.`;
  };
  const RULES = "These are whole arrays: the factors are rules, not numbers, and on the way back they are carried out from the right. What the paths bring adds up all the same.";
  const say = (shown, sum) => {
    const [source, sink] = [names[ends.source], names[ends.sink]];
    if (!total) return `No path leads from ${source} to ${sink}: ${sink} does not depend on ${source}, so the derivative is 0.`;
    const lanes = [...between(edges, ends.source, ends.sink).values()].flat().length;
    const waits = new Set(shown.flat().filter((edge) => !partial(edge)).map((edge) => edge.to));
    const waiting = film.rows.filter((row) => waits.has(row.node)).map((row) => row.name);
    const said = [];
    if (waiting.length) said.push(`A ? is not known yet: the forward pass has not reached ${waiting.slice(0, 6).join(", ")}${waiting.length > 6 ? " …" : ""}.`);
    else if (!shown.every(isNumber)) said.push(RULES);
    else if (!told()) said.push(`You are asked for ${names[watched()]}, so products show when the sweep has finished it.`);
    if (total > MOST_PATHS) said.push(tooMany(lanes));
    else if (BigInt(shown.length) < total) said.push(`${several(Number(total) - shown.length, "more path")} to come.`);
    else if (sum !== null) said.push(conclusion(shown.map(product), sum, lanes));
    return said.join(" ");
  };

  const paint = () => {
    const shown = paths.slice(0, seen);
    const sum = shown.every(tells) ? shown.reduce((all, path) => all + product(path), 0) : null;
    box.replaceChildren(...(shown.length ? [table(shown, sum)] : []));
    count.textContent = total ? `path ${shown.length} of ${counted(total)}` : "no path";
    words.textContent = say(shown, sum);
    back.setAttribute("aria-disabled", String(seen <= 1)); // "disabled" would lose the focus
    next.setAttribute("aria-disabled", String(seen >= paths.length));
  };
  /** Paint what changed, or take the light away when the view has been closed. */
  const refresh = () => {
    const path = needs.open() ? paths[seen - 1] : undefined;
    for (const s of stages) drawRoute(s, path || [], path ? [ends.source, ...path.map((edge) => edge.to)] : []);
    if (!needs.open()) return;
    paint();
    box.scrollTop = box.scrollHeight; // the current path is the last one
  };
  const seek = () => {
    total = countPaths(edges, ends.source, ends.sink);
    paths = firstPaths(edges, ends.source, ends.sink, MOST_PATHS);
    go(0);
  };
  const move = (change) => {
    Object.assign(ends, change);
    for (const end of Object.keys(change)) mind.route[end] = names[ends[end]];
    from.list.value = String(ends.source);
    to.list.value = String(ends.sink);
    seen = 1;
    seek();
  };
  const go = (by) => {
    words.setAttribute("aria-live", "polite"); // read out for another path; at another step the player speaks already
    seen = Math.max(1, Math.min(seen + by, paths.length));
    mind.route.seen = seen;
    refresh();
  };
  /** The player is at another step. */
  const show = (now) => {
    at = Math.min(now, frames.length - 1);
    words.setAttribute("aria-live", "off");
    if (needs.open()) paint();
  };
  /** A node was chosen on the graph. */
  const choose = (id) => {
    if (needs.open() && id !== ends.source) move({ source: id });
  };
  return { element, show, refresh, choose, go, start: seek };
}
