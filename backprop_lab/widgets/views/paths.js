// Paths: one after another lights up on the graph; along each the local partials multiply, and the products add up to
// the derivative. The order is that of bl.paths; how many there are is counted without walking them.

const MOST_PATHS = 50; // that one can look at; the others are counted
const LONGEST = 14; // edges of a path that are all written down

/** The edges between two nodes, by the node that they start from; each of them lies on some path. @param {Edge[]} edges @param {number} source @param {number} sink */
function between(edges, source, sink) {
  /** @type {Map<number, Edge[]>} */
  const onward = new Map();
  const leads = new Set([sink]);
  for (const edge of [...edges].reverse()) if (leads.has(edge.to)) leads.add(edge.from);
  const reached = new Set([source]);
  for (const edge of edges) {
    if (!reached.has(edge.from) || !leads.has(edge.to)) continue;
    reached.add(edge.to);
    into(onward, edge.from, edge);
  }
  return onward;
}

/** How many paths there are, exactly: each node hands its number on over every edge. Edges come operands first. @param {Edge[]} edges @param {number} source @param {number} sink */
function countPaths(edges, source, sink) {
  const ways = new Map([[source, 1n]]);
  for (const { from, to } of edges) if (ways.has(from)) ways.set(to, (ways.get(to) || 0n) + (ways.get(from) || 0n));
  return ways.get(sink) || 0n;
}

/** The first paths, each a list of edges. @param {Edge[]} edges @param {number} source @param {number} sink @param {number} most @returns {Edge[][]} */
function firstPaths(edges, source, sink, most) {
  if (source === sink) return [[]];
  const onward = between(edges, source, sink);
  /** @type {Edge[][]} */
  const found = [];
  /** @type {Edge[]} */
  const trail = [];
  const stack = [[...(onward.get(source) || [])]];
  while (stack.length && found.length < most) {
    const edge = stack[stack.length - 1].shift();
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
  if (digits.length <= 31) return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const power = [...String(digits.length - 1)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]).join("");
  return `${wrote(Number(`${digits[0]}.${digits.slice(1, 8)}`), 3)}·10${power}`;
}

/** Numbers as a sum: 132 + 8, 16 − 4 − 4 + 1; of many the first and the last. @param {number[]} terms */
function summed(terms) {
  const signed = terms.map((x, k) => {
    const text = wrote(x);
    return k === 0 ? text : text.startsWith("−") ? ` − ${text.slice(1)}` : ` + ${text}`;
  });
  return signed.length > 6 ? `${signed.slice(0, 3).join("")} + …${signed.at(-1)}` : signed.join("");
}

/**
 * The pieces of a path; of a long one the first two and the last ten, since neighbours in the list differ at the end.
 * @template T @param {T[]} pieces @param {(left: number) => T} gap
 */
function shortened(pieces, gap) {
  return pieces.length <= LONGEST ? pieces : [...pieces.slice(0, 2), gap(pieces.length - 12), ...pieces.slice(-10)];
}

/** Draw the edges as one road on a picture, under everything else; its border tells it from a step's lit edge. @param {Stage} stage @param {Edge[]} edges @param {number[]} nodes */
function drawRoute(stage, edges, nodes) {
  stage.svg.querySelector(".bl-route")?.remove();
  const first = stage.svg.querySelector("[data-wire], [data-edge], [data-node], [data-group]");
  if (!first?.parentNode || !nodes.length) return;
  const layer = draw("g", "bl-route", {});
  // Of a folded graph, where edges and nodes are seen: inside a folded part the road is the part.
  const copies = (/** @type {Key[]} */ keys, /** @type {string} */ part) => [...new Set(keys.map((key) => stage.group(key)))].flatMap((group) => {
    const path = /** @type {Element | undefined} */ (group?.querySelector(part)?.cloneNode(false));
    const place = group?.getAttribute("transform");
    path?.removeAttribute("class");
    if (place) path?.setAttribute("transform", place);
    return path ? [path] : [];
  });
  const road = [...copies(edges.map((edge) => edge.id), ".bl-wire"), ...copies(nodes.map((id) => `n${id}`), ".bl-shape")];
  for (const css of ["bl-route-border", "bl-route-road"]) {
    const lane = draw("g", css, {});
    lane.append(...road.map((path) => path.cloneNode(false)));
    layer.append(lane);
  }
  first.parentNode.insertBefore(layer, first);
}

const RULES = "These are whole arrays: the factors are rules, not numbers, and on the way back they are carried out from the right. What the paths bring adds up all the same.";

/** The view. What was chosen is remembered by name, for the next film. */
class Paths {
  /** @param {Player} player @param {Mine} mine */
  constructor(player, mine) {
    this.player = player;
    this.mine = mine;
    this.film = player.film;
    this.main = player.stages[player.stages.length - 1].film; // of two side by side the reverse sweep
    this.texts = textsOf(this.main);
    const { routes } = this.main;
    const node = (/** @type {string} */ name, /** @type {number} */ other) => this.film.rows.find((row) => row.name === name)?.node ?? other;
    this.source = node(mine.source, routes.from);
    this.sink = node(mine.sink, routes.to);
    this.at = 0;
    /** @type {Edge[][]} */
    this.paths = [];
    this.total = 0n;
    this.element = make("section", "bl-view bl-paths");
    this.element.setAttribute("aria-label", "paths");
    this.box = scroller("bl-view-box", "list of paths");
    this.words = make("div", "bl-view-words");
    const listed = this.film.rows.filter((row) => !row.hidden).map((row) => [String(row.node), row.is === "constant" ? `${row.name} (constant)` : row.name]); // as one types to find it
    this.from = select("paths from", listed, String(this.source), (id) => this.move("source", Number(id)));
    this.to = select("to", listed, String(this.sink), (id) => this.move("sink", Number(id)));
    this.back = pusher("previous path", () => this.go(-1), "previous path (Shift+p)");
    this.next = pusher("next path", () => this.go(1), "next path (p)");
    this.count = make("span", "bl-paths-count");
    const head = make("div", "bl-view-head");
    head.append(this.from.box, this.to.box, this.back, this.next, make("i", "bl-key bl-key-route"), this.count);
    this.element.append(head, this.box, this.words);
    this.seek();
  }

  // ---- what is known at this step

  /** A local partial as on the edge; empty while it is not known. @param {Edge} edge */
  partial(edge) {
    return this.texts(this.at)(`w${edge.id.slice(1)}`);
  }

  /** @param {Edge[]} path */
  isNumber(path) {
    return path.every((edge) => edge.partial !== null);
  }

  /** @param {Edge[]} path */
  product(path) {
    return path.reduce((all, edge) => all * Number(edge.partial), 1);
  }

  /** The node whose derivative the products add up to. */
  get watched() {
    return this.main.second === "adjoint" ? this.source : this.sink;
  }

  /** Whether the sweep has finished it. */
  get done() {
    return this.at >= this.main.frames.findLastIndex((frame) => frame.id === this.watched && frame.kind !== "value");
  }

  /** Whether no product can tell a number that is still to be predicted. */
  get told() {
    return !this.player.predicting || !this.main.second || this.done;
  }

  /** Whether the sweep has a number for these paths: they end where it starts, or start at the input that moves. */
  get ours() {
    const { second, routes } = this.main;
    return second === "adjoint" ? this.sink === routes.to : second && this.film.names[this.source] === this.film.options.wrt;
  }

  /** @param {Edge[]} path */
  tells(path) {
    return this.told && this.isNumber(path) && path.every((edge) => this.partial(edge));
  }

  // ---- the table

  /** x → c → F. An operation that takes a node twice makes two paths through the same nodes, so the operand is said. @param {Edge[]} path */
  way(path) {
    const { names } = this.film;
    const steps = path.map((edge) => {
      const twins = this.main.edges.filter((other) => other.from === edge.from && other.to === edge.to);
      return twins.length > 1 ? `${names[edge.to]} (operand ${Number(edge.id.split("_")[1]) + 1})` : names[edge.to];
    });
    return [names[this.source], ...shortened(steps, () => "…")].join(" → ");
  }

  /** @param {Edge[]} path */
  factors(path) {
    const cell = make("td", "bl-factors", path.length ? "" : "no edge");
    const written = path.map((edge) => {
      const text = read(this.partial(edge)) || "?";
      return make("span", "bl-factor", text.startsWith("−") ? `(${text})` : text);
    });
    const sign = this.isNumber(path) ? " · " : " ";
    shortened(written, (n) => make("span", "", `… ${n} more …`)).forEach((factor, k) => cell.append(k ? sign : "", factor));
    return cell;
  }

  /** @param {Edge[]} path @param {boolean} current */
  row(path, current) {
    const made = make("tr", current ? "bl-current-path" : "");
    if (current) made.setAttribute("aria-current", "true");
    const result = this.tells(path) ? `= ${read(wrote(this.product(path)))}` : this.isNumber(path) ? "= ?" : "a rule";
    made.append(heading("row", read(this.way(path))), this.factors(path), make("td", "bl-product", result));
    return made;
  }

  /** @param {Edge[][]} shown @param {number | null} sum */
  table(shown, sum) {
    const { names } = this.film;
    const { made, head, body } = tableOf("bl-routes", `Paths from ${names[this.source]} to ${names[this.sink]}`);
    const top = make("tr", "");
    top.append(...["path", "local partials", "product"].map((text) => heading("col", text)));
    head.append(top);
    body.append(...shown.map((path, k) => this.row(path, k === shown.length - 1)));
    const all = BigInt(shown.length) === this.total;
    const last = make("tr", "bl-total");
    last.append(heading("row", all ? "all paths added up" : "added up so far"));
    last.append(make("td", "", sum === null || shown.length < 2 ? "" : read(summed(shown.map((path) => this.product(path))))));
    const result = sum !== null ? `= ${read(wrote(sum))}` : shown.every((path) => this.isNumber(path)) ? "= ?" : "";
    last.append(make("td", all ? "bl-whole" : "bl-product", result));
    made.createTFoot().append(last);
    return made;
  }

  // ---- the words below

  /** What the sum over all paths is, and what the sweep says to it. @param {number[]} products @param {number} sum @param {number} lanes */
  conclusion(products, sum, lanes) {
    const { names, options } = this.film;
    const { second, routes } = this.main;
    const [source, sink, watched] = [this.source, this.sink, this.watched].map((id) => names[id]);
    const added = `${products.length > 1 ? `${summed(products)} = ` : ""}${wrote(sum)}`;
    const derivative = `${added}, the derivative of ${sink} with respect to ${source}.`;
    if (!second) return derivative;
    if (!this.ours) return `${derivative} ${second === "adjoint" ? `Adjoints are derivatives of ${names[routes.to]}` : `In this sweep ${options.wrt} moves`}.`;
    if (!this.done) return `${derivative} The sweep has not finished ${watched} yet: step on and compare.`;
    const seed = Number(routes.seed); // inf and nan come as text
    const [mine, other] = [sum * seed, Number(routes.whole?.[this.watched])];
    const size = products.reduce((all, x) => all + Math.abs(x * seed), 0);
    const same = Object.is(mine, other) || Math.abs(mine - other) <= 1e-9 * size;
    const scaled = seed === 1 ? added : `${added}; times the seed ${wrote(seed)} it is ${wrote(mine)}`;
    const check = `The sweep found ${same ? "the same number" : wrote(other)}`;
    const passed = lanes > 1 ? `, and passed each of the ${lanes} edges once` : "";
    return `${scaled}, the ${second} of ${watched}. ${check}${passed}.`;
  }

  /** @param {number} lanes */
  tooMany(lanes) {
    const { second, routes } = this.main;
    const known = this.ours && this.told && this.done;
    const found = known ? `: it found ${wrote(Number(routes.whole?.[this.watched]))}, the ${second} of ${this.film.names[this.watched]}` : "";
    return `There are ${counted(this.total)} paths, and you can look at the first ${MOST_PATHS}. All run over the same ${several(lanes, "edge")}, and a sweep passes each of these once${found}.`;
  }

  /** @param {Edge[][]} shown @param {number | null} sum */
  say(shown, sum) {
    const { names, rows } = this.film;
    const [source, sink] = [names[this.source], names[this.sink]];
    if (!this.total) return `No path leads from ${source} to ${sink}: ${sink} does not depend on ${source}, so the derivative is 0.`;
    const lanes = [...between(this.main.edges, this.source, this.sink).values()].flat().length;
    const waits = new Set(shown.flat().filter((edge) => !this.partial(edge)).map((edge) => edge.to));
    const waiting = rows.filter((row) => waits.has(row.node)).map((row) => row.name);
    const said = [];
    if (waiting.length) said.push(`A ? is not known yet: the values have not reached ${listed(waiting.length > 6 ? [...waiting.slice(0, 6), "others"] : waiting)}.`);
    else if (!shown.every((path) => this.isNumber(path))) said.push(RULES);
    else if (!this.told) said.push(`You are asked for ${names[this.watched]}, so products show once the sweep has finished it.`);
    if (this.total > MOST_PATHS) said.push(this.tooMany(lanes));
    else if (BigInt(shown.length) < this.total) said.push(`${several(Number(this.total) - shown.length, "more path")} to come.`);
    else if (sum !== null) said.push(this.conclusion(shown.map((path) => this.product(path)), sum, lanes));
    return said.join(" ");
  }

  // ---- what happens

  paint() {
    const shown = this.paths.slice(0, this.mine.seen);
    const sum = shown.every((path) => this.tells(path)) ? shown.reduce((all, path) => all + this.product(path), 0) : null;
    this.box.replaceChildren(...(shown.length ? [this.table(shown, sum)] : []));
    this.count.textContent = this.total ? `path ${shown.length} of ${counted(this.total)}` : "no path";
    this.words.textContent = read(this.say(shown, sum));
    this.back.setAttribute("aria-disabled", String(this.mine.seen <= 1)); // "disabled" would lose the focus
    this.next.setAttribute("aria-disabled", String(this.mine.seen >= this.paths.length));
  }

  /** Paint what changed, or take the light away when the view has been closed. */
  refresh() {
    const path = this.mine.open ? this.paths[this.mine.seen - 1] : undefined;
    for (const s of this.player.stages) drawRoute(s, path || [], path ? [this.source, ...path.map((edge) => edge.to)] : []);
    if (!this.mine.open) return;
    this.paint();
    this.box.scrollTop = this.box.scrollHeight; // the current path is the last one
  }

  /** Other ends: their paths. */
  seek() {
    this.total = countPaths(this.main.edges, this.source, this.sink);
    this.paths = firstPaths(this.main.edges, this.source, this.sink, MOST_PATHS);
    this.go(0);
  }

  /** @param {"source" | "sink"} end @param {number} id */
  move(end, id) {
    this[end] = id;
    this.mine[end] = this.film.names[id];
    this.from.list.value = String(this.source);
    this.to.list.value = String(this.sink);
    this.mine.seen = 1;
    this.seek();
  }

  /** The next or the previous path. @param {number} by */
  go(by) {
    this.words.setAttribute("aria-live", "polite"); // read out for another path; at another step the player speaks already
    this.mine.seen = Math.max(1, Math.min(this.mine.seen + by, this.paths.length));
    this.refresh();
  }

  /** @param {number} at */
  show(at) {
    this.at = Math.min(at, this.main.frames.length - 1);
    this.words.setAttribute("aria-live", "off");
    if (this.mine.open) this.paint();
  }

  /** A node was chosen on the graph. @param {number} id */
  choose(id) {
    if (this.mine.open && id !== this.source) this.move("source", id);
  }
}

VIEWS.push({
  name: "paths",
  label: "paths",
  css: ["bl-viewing"],
  remembers: { seen: 1 }, // how many paths have lit up so far
  keys: [
    {
      keys: "p, Shift+p",
      says: "the next and the previous path; the first press opens the paths",
      shift: true,
      on: { p: (view) => view.go(1), P: (view) => view.go(-1) },
    },
  ],
  offered: (film) => !film.mystery && !film.large,
  make: (player, mine) => new Paths(player, mine),
});
