// Heat maps of arrays: painted into their places in the picture while stepping, and as tables beside the chosen node.
// What a map is stands in drawing/heat.py; drawing/squares.py draws the same into files, and a test compares the two.

const HEAT = { down: 18, line: 16, full: 255, infinite: 256, nan: 257, leastFilled: 2, leastHollow: 3.4, edge: 1 };
const tenths = (/** @type {number} */ x) => Math.floor(10 * x + 0.5) / 10;

/** A square, a cross and an arrow around a point, as SVG paths. @param {number} x @param {number} y @param {number} side */
const square = (x, y, side) => `M${tenths(x - side / 2)} ${tenths(y - side / 2)}h${tenths(side)}v${tenths(side)}h${-tenths(side)}z`;

/** @param {number} x @param {number} y @param {number} r */
function cross(x, y, r) {
  const [s, left, right, top] = [2 * r, x - r, x + r, y - r].map(tenths);
  return `M${left} ${top}l${s} ${s}M${right} ${top}l${-s} ${s}`;
}

/** @param {number} x @param {number} y @param {number} radius @param {1 | -1} up */
function arrow(x, y, radius, up) {
  const r = tenths(radius);
  return `M${tenths(x - r)} ${tenths(y + up * r)}h${2 * r}l${-r} ${-2 * up * r}z`;
}

/**
 * One entry's mark around (x, y): which path it belongs to, and its piece of it.
 * @param {number} key @param {number} x @param {number} y @param {number} step @returns {["filled" | "hollow" | "odd", string]}
 */
function entry(key, x, y, step) {
  const side = (/** @type {number} */ least) => Math.max((step - 1.5) * Math.sqrt(Math.abs(key) / HEAT.full), least);
  if (key === HEAT.nan) return ["odd", cross(x, y, step * 0.28)];
  if (Math.abs(key) === HEAT.infinite) return key > 0 ? ["filled", arrow(x, y, step * 0.36, 1)] : ["hollow", arrow(x, y, step * 0.36, -1)];
  if (key === 0) return ["filled", square(x, y, 0.8)];
  return key > 0 ? ["filled", square(x, y, side(HEAT.leastFilled))] : ["hollow", square(x, y, side(HEAT.leastHollow) - HEAT.edge)];
}

/** The paths of a map's filled, hollow and odd entries. @param {HeatMap} map @param {number} step */
function squares(map, step) {
  const paths = { filled: "", hollow: "", odd: "" };
  const left = (-map.columns * step) / 2;
  (map.keys || []).forEach((key, k) => {
    const [row, column] = [Math.floor(k / map.columns), k % map.columns];
    const [kind, path] = entry(key, left + (column + 0.5) * step, (row + 0.5) * step, step);
    paths[kind] += path;
  });
  return paths;
}

/** The elements of a map, its top in the middle at (0, 0). @param {HeatMap} map @param {number} across a number's column */
function drawn(map, across) {
  const most = Math.max(map.rows, map.columns);
  const step = most <= 5 ? 16 : most <= 8 ? 12 : 8;
  const heads = map.table ? 1 : 0;
  const [wide, tall] = map.few ? [(map.columns + heads) * across, (map.rows + heads) * HEAT.down] : [map.columns * step, map.rows * step];
  const left = -tenths(wide / 2);
  /** @type {SVGElement[]} */
  const parts = [draw("title", "", {}, map.says)];
  if (map.table) return [...parts, ...timesTable(map, left, wide, tall, across)];
  if (map.few) {
    const d = `M${left + 3} 1h-4v${tall - 2}h4M${left + wide - 3} 1h4v${tall - 2}h-4`;
    parts.push(draw("path", "bl-heat-bracket", { d }));
    map.texts.forEach((text, k) => {
      const [row, column] = [Math.floor(k / map.columns), k % map.columns];
      const spot = { x: tenths(left + (column + 0.5) * across), y: tenths((row + 0.5) * HEAT.down + 5) };
      const number = draw("text", "bl-heat-num", spot, text);
      squeeze(number, text, across - 1, "700");
      parts.push(number);
    });
    return parts;
  }
  parts.push(draw("rect", "bl-heat-frame", { x: left, y: 0, width: wide, height: tall }));
  for (const [kind, d] of Object.entries(squares(map, step))) if (d) parts.push(draw("path", `bl-heat-${kind}`, { d }));
  (map.lines || []).forEach((line, k) => parts.push(draw("text", "bl-heat-line", { x: 0, y: tall + 14 + HEAT.line * k }, line)));
  return parts;
}

/**
 * An outer product: each entry is what stands at its row's side times what stands above its column.
 * @param {HeatMap} map @param {number} left @param {number} wide @param {number} tall @param {number} across
 */
function timesTable(map, left, wide, tall, across) {
  const [adjoint, side, top] = /** @type {[string, string[], string[]]} */ (map.table);
  const css = (/** @type {string} */ which) => `bl-heat-factor${adjoint === which ? " bl-heat-bar" : ""}`;
  const d = `M${left + across} 1v${tall - 2}M${left + 3} ${HEAT.down}h${wide - 6}`;
  /** @type {[number, number, string, string][]} */
  const cells = [[0, 0, "⊗", "bl-heat-sign"]];
  side.forEach((text, k) => cells.push([k + 1, 0, text, css("side")]));
  top.forEach((text, k) => cells.push([0, k + 1, text, css("top")]));
  map.texts.forEach((text, k) => cells.push([Math.floor(k / map.columns) + 1, (k % map.columns) + 1, text, "bl-heat-num"]));
  const texts = cells.map(([row, column, text, name]) => {
    const number = draw("text", name, { x: tenths(left + (column + 0.5) * across), y: tenths((row + 0.5) * HEAT.down + 5) }, text);
    squeeze(number, text, across - 1, "700");
    return number;
  });
  const [right, high] = [left + wide, tall - HEAT.down - 4];
  const brackets = `M${left + across + 6} ${HEAT.down + 2}h-3v${high}h3M${right - 3} ${HEAT.down + 2}h3v${high}h-3`;
  return [draw("path", "bl-heat-rule", { d }), draw("path", "bl-heat-bracket", { d: brackets }), ...texts];
}

/** The maps of one film's picture, which can go to any position. */
class HeatMaps {
  /** @param {Pane} film @param {SVGElement} svg */
  constructor(film, svg) {
    const { maps, changes } = film.heat || { maps: [], changes: [] };
    this.film = film;
    this.maps = maps;
    this.changes = changes;
    this.at = -1;
    /** @type {Map<Key, HeatMap | null>} what is shown at this position */
    this.now = new Map();
    this.places = this.find(svg);
    this.undo = this.before();
  }

  /** The places for maps in a picture. @param {SVGElement} svg */
  find(svg) {
    /** @type {Map<Key, SVGElement>} */
    const places = new Map();
    for (const place of svg.querySelectorAll("[data-heat]")) places.set(place.getAttribute("data-heat") || "", /** @type {SVGElement} */ (place));
    return places;
  }

  /** For each step, the maps that it changes as they were before it. */
  before() {
    /** @type {Map<Key, number | null>} */
    const known = new Map();
    return this.changes.map((change) => Object.fromEntries(Object.entries(change).map(([key, map]) => {
      const before = known.get(key) ?? null;
      known.set(key, map);
      return [key, before];
    })));
  }

  /** @param {Key} key */
  paint(key) {
    const [place, map] = [this.places.get(key), this.now.get(key)];
    place?.replaceChildren(...(map ? drawn(map, Number(place.dataset.across)) : []));
  }

  /** @param {Record<Key, number | null>} change */
  write(change) {
    for (const [key, number] of Object.entries(change)) {
      this.now.set(key, number === null ? null : this.maps[number]);
      this.paint(key);
    }
  }

  /** @param {number} to */
  seek(to) {
    to = Math.min(to, this.changes.length - 1);
    while (this.at < to) this.write(this.changes[(this.at += 1)]);
    while (this.at > to) this.write(this.undo[this.at--]);
  }

  /** The numbers are other ones: paint the maps that are. */
  renew() {
    this.maps = this.film.heat?.maps ?? [];
    for (const [key, number] of Object.entries(Object.assign({}, ...this.changes.slice(0, this.at + 1)))) {
      const [was, map] = [this.now.get(key), number === null ? null : this.maps[number]];
      this.now.set(key, map);
      if (String(was?.texts) !== String(map?.texts) || String(was?.table) !== String(map?.table)) this.paint(key);
    }
  }

  /** Another picture with places for the same maps. @param {SVGElement} svg */
  swap(svg) {
    this.places = this.find(svg);
    for (const key of this.places.keys()) this.paint(key);
  }

  /** What is shown of a cell now. @param {Key} key */
  shown(key) {
    return this.now.get(key) ?? null;
  }

  /** A map that a cell has at some time, for the room to keep. @param {Key} key */
  ever(key) {
    const number = this.changes.find((change) => (change[key] ?? null) !== null)?.[key];
    return this.maps[number ?? -1] ?? null;
  }
}

/** A map as a table: each number with its square. @param {HeatMap} map @param {string} title @param {string} kind p or a */
function heatTable(map, title, kind) {
  const { made, head: top, body } = tableOf(`bl-numbers bl-numbers-${kind}`, title);
  const [down, across] = map.vector ? [map.columns, map.rows] : [map.rows, map.columns]; // a vector's table lies down
  const head = make("tr", "");
  if (!map.vector) head.append(make("td", "", ""));
  for (let j = 1; j <= across; j += 1) head.append(heading("col", String(j)));
  top.append(head);
  for (let i = 0; i < down; i += 1) {
    const row = make("tr", "");
    if (!map.vector) row.append(heading("row", String(i + 1)));
    for (let j = 0; j < across; j += 1) {
      const k = i * across + j;
      const cell = make("td", "", "");
      if (map.keys) cell.append(bigSquare(map.keys[k], kind));
      cell.append(make("span", "", read(map.texts[k])));
      row.append(cell);
    }
    body.append(row);
  }
  return made;
}

/** One entry's square for the table, as an icon of its own. @param {number} key @param {string} kind */
function bigSquare(key, kind) {
  const svg = draw("svg", "bl-svg", { viewBox: "-9 -9 18 18", width: 18, height: 18, "aria-hidden": "true" });
  const [name, d] = entry(key, 0, 0, 18);
  const group = draw("g", `bl-heat-${kind}`, {});
  group.append(draw("path", `bl-heat-${name}`, { d }));
  svg.append(group);
  return svg;
}

/** The chosen node's arrays, big, with their numbers, and what its operation sends back. */
class HeatPanel {
  /** @param {Film} film @param {Stage[]} stages */
  constructor(film, stages) {
    this.film = film;
    this.stages = stages;
    this.element = scroller("bl-heat-panel", "numbers");
    this.element.hidden = true;
  }

  /** @param {number | null} id */
  show(id) {
    const { film, element } = this;
    const rules = id === null ? [] : film.edges.filter((edge) => edge.to === id && edge.rule);
    const known = id === null ? [] : this.tables(id);
    element.hidden = !known.length && !rules.length;
    if (element.hidden || id === null) return;
    element.setAttribute("aria-label", `numbers of ${film.names[id]}`);
    element.replaceChildren();
    element.classList.toggle("bl-heat-narrow", known.every(({ ever }) => (ever.vector ? ever.rows : ever.columns) <= 4));
    if (rules.length) {
      const box = make("div", "bl-rule", "In the reverse sweep ");
      box.append(make("b", "", read(rules.map((edge) => edge.rule).join(",  "))), read(`. ${once(rules.map((edge) => edge.words || ""))}`));
      element.append(box);
    }
    element.append(...known.map((one) => this.numbers(film.names[id], one)));
  }

  /** The arrays of a node: its value, and in each picture its derivative. @param {number} id */
  tables(id) {
    /** @type {[string, string | null, Stage][]} */
    const wanted = [["p", "value", this.stages[0]], ...this.stages.map((s) => /** @type {[string, string | null, Stage]} */ (["a", s.film.second, s]))];
    return wanted.flatMap(([kind, title, { heat }]) => {
      const ever = heat?.ever(`${kind}${id}`);
      return heat && ever ? [{ kind, title, map: heat.shown(`${kind}${id}`), ever }] : [];
    });
  }

  /** One of them. @param {string} name @param {{kind: string, title: string | null, map: HeatMap | null, ever: HeatMap}} shown */
  numbers(name, { kind, title, map, ever }) {
    const box = make("div", "bl-numbers-box");
    const means = map?.means ? ` (${map.means})` : "";
    const text = `${name}, ${title}: ${map ? map.says + means : "not known yet"}`;
    const words = make("div", "bl-numbers-words", read(text)); // a caption would be as wide as its table
    const table = heatTable(map || ever, text, kind);
    if (map) words.setAttribute("aria-hidden", "true");
    else { // the same room, empty: nothing moves when the numbers come
      table.setAttribute("aria-hidden", "true");
      for (const cell of table.querySelectorAll("tbody td")) cell.textContent = "\u00a0";
    }
    const scroll = make("div", "bl-numbers-scroll");
    scroll.append(table);
    box.append(words, scroll);
    return box;
  }
}
