// The stage: the picture of a graph with its numbers, on which steps light up.

/** The key by which everything that shows a node, a folded part or an edge's partial is found: `n3`, `g5`, `w4_0`. @param {Element} group */
function markOf(group) {
  const [edge, node] = [group.getAttribute("data-edge"), group.getAttribute("data-node")];
  return edge ? `w${edge}` : node ? `n${node}` : `g${group.getAttribute("data-group")}`;
}

/** What a number stands on: the cell or the pill that it stands in. @param {Element} text */
function groundOf(text) {
  return text.closest(".bl-cell, .bl-partial")?.querySelector("rect");
}

/** A picture as an element; texts, what they stand on and groups by key. Whatever shows one number has its key as `data-k`. @param {string} text */
function picture(text) {
  const holder = make("div", "");
  holder.innerHTML = text; // made by picture.py, names escaped there
  const svg = /** @type {SVGSVGElement} */ (holder.firstElementChild);
  for (const side of ["width", "height"]) svg.style.setProperty(`--bl-${side}`, `${svg.getAttribute(side)}px`);
  svg.style.setProperty("--bl-ratio", (Number(svg.getAttribute("width")) / Number(svg.getAttribute("height"))).toFixed(4));
  /** @type {Map<Key, SVGGraphicsElement>} */
  const groups = new Map([["svg", svg]]);
  for (const [kind, letter] of [["node", "n"], ["group", "g"], ["frame", "f"], ["edge", "e"], ["wire", ""]]) {
    for (const g of svg.querySelectorAll(`[data-${kind}]`)) {
      for (const key of (g.getAttribute(`data-${kind}`) || "").split(" ")) groups.set(letter + key, /** @type {SVGGraphicsElement} */ (g)); // a band is many lines
    }
  }
  /** @type {Map<Key, Element[]>} */
  const texts = new Map();
  /** @type {Map<Key, Element>} */
  const grounds = new Map();
  const maps = new Set([...svg.querySelectorAll("[data-heat]")].map((map) => map.getAttribute("data-heat")));
  for (const text of svg.querySelectorAll("text[data-key]")) {
    const key = text.getAttribute("data-key") || "";
    const ground = groundOf(text);
    texts.set(key, [text]);
    if (ground) grounds.set(key, ground);
    const mapped = maps.has(key);
    for (const one of [text, ground]) {
      one?.setAttribute("data-k", key);
      one?.classList.toggle("bl-mapped", mapped); // an array's map would not be seen on a filled ground
    }
  }
  for (const group of svg.querySelectorAll("[data-node], [data-group], [data-edge]")) group.setAttribute("data-k", markOf(group));
  for (const text of svg.querySelectorAll(".bl-head, .bl-letters")) text.setAttribute("aria-hidden", "true"); // the group's title says it in one piece
  for (const wire of svg.querySelectorAll(".bl-wire")) { // a line that is thin, and dotted too, is hard to point at
    const grip = /** @type {Element} */ (wire.cloneNode(false));
    grip.setAttribute("class", "bl-grip");
    wire.before(grip);
  }
  return { svg, groups, texts, grounds };
}

/** @type {Map<string, number>} how wide a text is, for a size of 1, by weight and text */
const widths = new Map();
const FIGURES = /^[\d.−+ ]*$/; // set sign by sign: they move, and are other ones all the time
const FONT = '"Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'; // as in picture.css
const pen = document.createElement("canvas").getContext("2d");

/** @param {string} text @param {string} weight @returns {number} */
function widthOf(text, weight) {
  if (text.length > 1 && FIGURES.test(text)) return [...text].reduce((sum, sign) => sum + widthOf(sign, weight), 0);
  const key = weight + text;
  if (!widths.has(key) && pen) {
    pen.font = `${weight} 100px ${FONT}`;
    widths.set(key, pen.measureText(text).width / 100);
  }
  return widths.get(key) || 0.6 * text.length;
}

const RING = 8; // around what arrives; drawing/texts.py has the same

/** @typedef {{left: number, top: number, wide: number, room: number, most: number, font: string, ring: Element | null}} CellBox */
/** @type {WeakMap<Element, CellBox>} */
const boxes = new WeakMap();

/** Where the cell of a number is on its picture, which does not change, how large that may be, and the ring around what arrives. @param {SVGElement} text @returns {CellBox} */
function boxOf(text) {
  const found = boxes.get(text);
  if (found) return found;
  const cell = /** @type {SVGElement} */ (text.parentNode);
  const box = /** @type {SVGElement} */ (cell.firstElementChild);
  const [left, top, wide] = ["x", "y", "width"].map((name) => Number(box.getAttribute(name)));
  const [room, most] = [Number(cell.dataset.room ?? 0), Number(cell.dataset.most)];
  const made = { left, top, wide, room, most, font: text.dataset.key?.[0] === "a" ? "700" : "400", ring: cell.querySelector(".bl-ring") };
  boxes.set(text, made);
  return made;
}

/** @type {WeakMap<Element, Record<string, string>>} the lengths that were set: to ask the browser takes longer */
const lengths = new WeakMap();

/** A length of an element, if it is another one. @param {Element} element @param {string} name @param {number} x */
function setLength(element, name, x) {
  const text = x.toFixed(1);
  const known = lengths.get(element) ?? {};
  if (known[name] === text) return;
  lengths.set(element, { ...known, [name]: text });
  element.setAttribute(name, text);
}

const LEAST = 12; // the least size of a number; a longer one has fewer digits then, and the table all

/** A text with its numbers in one digit less after another, until it is as narrow as it must be for a size of 1. @param {string} text @param {number} room @param {string} [weight] */
function narrow(text, room, weight = "400") {
  for (let digits = 4; digits && widthOf(read(text), weight) > room; digits -= 1) text = text.replace(/\d[\d.]*(e[+−]\d+)?/g, (x) => shorter(Number(x.replace("−", "-")), digits));
  return text;
}

/** Write a number into a place that is so wide, smaller if it must be. @param {SVGElement} text @param {string} value @param {number} room @param {string} [weight] */
function squeeze(text, value, room, weight) {
  writeText(text, read(narrow(value, room / LEAST, weight)));
  const letters = widthOf(text.textContent ?? "", weight ?? "400");
  const size = Math.max(room / letters, LEAST);
  text.style.fontSize = size < 15 ? `${size.toFixed(1)}px` : "";
  condense(text, letters * Math.min(size, 15), room);
}

/** Where even one digit of a number is too wide, set its signs narrower, and no lower. @param {SVGElement} text @param {number} whole @param {number} room */
function condense(text, whole, room) {
  if (whole > room + 0.1) {
    setLength(text, "textLength", room);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  } else if (text.hasAttribute("textLength")) {
    text.removeAttribute("textLength");
    lengths.delete(text);
  }
}

/** Write a number as large as its cell allows, and the ring around what arrives in a sum that waits. @param {SVGElement} text @param {string} value */
function fitNumber(text, value) {
  const cell = /** @type {SVGElement} */ (text.parentNode);
  const { left, top, wide, room, most, font, ring } = boxOf(text);
  const short = room && value[0] !== "[" ? narrow(value, room / LEAST, font) : value;
  if (short !== value) text.dataset.whole = value;
  else if (text.dataset.whole !== undefined) delete text.dataset.whole;
  const shown = read(short);
  writeText(text, shown);
  if (!room) return;
  const arrives = /^\S+ [+−] (\S*[^\si])$/.exec(short)?.[1]; // 3 + 4i is one number
  const free = room - (arrives ? RING : 0);
  const letters = widthOf(shown, font) || 1;
  const size = Math.min(most, Math.max(free / letters, short[0] === "[" ? 0 : LEAST));
  setLength(text, "font-size", size);
  const whole = Math.min(letters, free / size);
  condense(text, letters * size, free);
  const base = top + (most === 15 ? 11 : 17) + 0.36 * size;
  const middle = left + wide / 2 - (arrives ? RING / 2 : 0);
  setLength(text, "x", middle);
  setLength(text, "y", base);
  if (!ring) return; // no sum ever waits here
  cell.classList.toggle("bl-sum", Boolean(arrives));
  if (!arrives) return;
  const last = size * widthOf(read(arrives), font);
  const place = { x: middle + (size * whole) / 2 - last - RING / 2, y: base - 0.98 * size, width: last + RING, height: 1.24 * size };
  for (const [name, at] of Object.entries(place)) setLength(ring, name, at);
}

/** @type {WeakMap<Element, number>} how wide a pill is in the film as it came */
const pills = new WeakMap();

/** Make a pill as wide as a longer local partial needs than those of the film as it came. @param {SVGElement} text @param {Element | undefined} pill @param {string} value */
function fitPill(text, pill, value) {
  if (!pill || text.classList.contains("bl-whole")) return; // the slopes of entries stand in that one
  const least = pills.get(pill) ?? Number(pill.getAttribute("width") ?? "0");
  pills.set(pill, least);
  const width = Math.max(least, 13.5 * widthOf(value, "400") + 12);
  const size = width > least ? "13.5px" : "";
  if (text.style.fontSize !== size) text.style.fontSize = size;
  if (width === least && !lengths.has(pill)) return;
  setLength(pill, "width", width);
  setLength(pill, "x", Number(text.getAttribute("x")) - width / 2);
}

/** A warning sign at the corner of a node, as picture.py draws it. @param {SVGGraphicsElement} group @param {string} kind */
function warning(group, kind) {
  const { x, y, width } = /** @type {SVGGraphicsElement} */ (group.querySelector(".bl-shape")).getBBox();
  const made = draw("g", `bl-mark bl-mark-${kind}`, {});
  made.append(draw("title", "", {}), draw("path", "", { d: `M${x + width - 4} ${y - 11}l12 21h-24z` }), draw("text", "", { x: x + width - 4, y: y + 7 }, "!"));
  group.append(made);
  return made;
}

/** Whether an edge's local partial is known; of short vectors, the slope of each entry. @param {Element | undefined} edge @param {string} value */
function paintEdge(edge, value) {
  edge?.classList.toggle("bl-unknown", value === "");
  const slopes = edge?.lastElementChild;
  if (!edge || !slopes?.hasAttribute("data-slopes")) return;
  const asked = value === "?";
  const own = (slopes.getAttribute("data-slopes") || "").split("|");
  const room = Number(slopes.querySelector("rect")?.getAttribute("width")) - 6;
  slopes.querySelectorAll(".bl-slope").forEach((row, k) => squeeze(/** @type {SVGElement} */ (row), asked ? "?" : value && own[k], room, "700"));
  edge.classList.toggle("bl-known", value !== "" && !asked);
}

/** For each sweep, when it first passes each edge; and for each position, which sweep is under way. @param {Pane} film */
function sweepsOf({ frames, large }) {
  if (large) return { first: [new Map()], under: frames.map(() => 0) }; // of so many edges none is dotted
  /** @type {Map<Key, number>[]} */
  const first = [new Map()];
  const under = frames.map(({ kind, lit }, k) => {
    if (k > 1 && kind === "seed" && frames[k - 1].kind !== "seed") first.push(new Map());
    const sweep = first[first.length - 1];
    for (const [key, names] of Object.entries(lit)) if (names.includes("bl-lit") && !sweep.has(key)) sweep.set(key, k);
    return first.length - 1;
  });
  return { first, under };
}

/** The picture in other rows, of its pieces and what is other in them; film/blank.py takes them apart. @param {string} svg @param {(string | [number, Record<number, string>])[]} changes */
function narrowed(svg, changes) {
  const pieces = svg.split(/(?=<g class='bl-(?:node|edge|statement|frame)\b)/);
  return changes.map((change) => {
    if (typeof change === "string") return change;
    const parts = pieces[change[0]].split(/(['<>])/);
    for (const [k, part] of Object.entries(change[1])) parts[Number(k)] = part;
    return parts.join("");
  }).join("");
}

const MOST_WRITTEN = 150; // texts; of more, those out of sight wait while an input moves
/** One film's picture, which can go to any position. */
class Stage {
  /** @param {Pane} film @param {Folding} fold */
  constructor(film, fold) {
    this.film = film;
    this.fold = fold;
    const { svg, groups, texts, grounds } = picture(film.svg);
    this.svg = svg;
    /** @type {Drawn} what may be shown */
    this.drawn = film;
    this.room = Infinity;
    this.text = film.svg; // what is shown
    this.about = svg.querySelector("title")?.textContent ?? ""; // a template where numbers change
    this.groups = groups;
    this.texts = texts;
    this.grounds = grounds;
    this.element = scroller("bl-picture", film.title ? `graph, ${film.title}` : "graph");
    this.canvas = make("div", "bl-canvas");
    this.canvas.append(this.svg);
    this.element.append(this.canvas);
    this.at = -1;
    /** @type {Map<Key, string>} all texts at this position, also those that are folded away */
    this.now = new Map();
    this.marks = this.marked();
    this.heat = film.heat ? new HeatMaps(film, this.svg) : null;
    this.lights = new Lights();
    /** @type {Key[]} where a question mark stands */
    this.wondered = [];
    /** @type {Set<Element> | null} while an input moves, what is in sight; null for all */
    this.sight = null;
    /** @type {Set<Key>} what has another number since, and is out of sight */
    this.late = new Set();
    this.undo = this.before();
    this.sweeps = sweepsOf(film);
    this.roads = this.passed();
  }

  /** What stands for numbers beside their texts in a folded picture; a page without one comes without `marks.js`. */
  marked() {
    return this.fold.folded ? new Marks(this.svg, this.fold, this.film, (key) => this.shown(key)) : null;
  }

  /** For each sweep, the edges and lines that are seen, and when it has passed all of each. */
  passed() {
    return this.sweeps.first.map((keys) => {
      /** @type {Map<Element, number>} */
      const found = new Map();
      for (const [key, at] of keys) {
        const seen = this.group(key);
        if (seen) found.set(seen, Math.max(at, found.get(seen) ?? 0));
      }
      return found;
    });
  }

  /** What the sweep under way has still to pass is dotted. */
  dot() {
    const roads = this.roads[this.sweeps.under[this.at]];
    for (const [edge, passed] of roads) edge.classList.toggle("bl-ahead", passed > this.at);
  }

  /** For each step, what the texts that it changes were before it. */
  before() {
    /** @type {Map<Key, string>} */
    const known = new Map();
    return this.film.changes.map((change) => {
      /** @type {Record<Key, string>} */
      const were = {};
      for (const key of Object.keys(change)) {
        were[key] = known.get(key) || "";
        known.set(key, change[key]);
      }
      return were;
    });
  }

  /** @param {Key} key @param {string} value */
  write(key, value) {
    this.now.set(key, value);
    this.paint(key, value);
    if (key[0] === "p" && this.fold.shows(key)) this.group(`n${key.slice(1)}`)?.classList.toggle("bl-waiting", value === "");
  }

  /** Show a text in the place of a number. @param {Key} key @param {string} value */
  paint(key, value) {
    const dull = this.film.second === "tangent" && key[0] === "a" && value === "0"; // zeros that never get off the ground
    this.marks?.write(key, value);
    for (const cell of this.texts.get(key) || []) {
      if (this.sight && !this.sight.has(cell)) {
        this.late.add(key);
        continue;
      }
      const svg = cell instanceof SVGElement && key[0] !== "w";
      if (svg) fitNumber(cell, this.marks ? settled(value, cell.dataset.digits) : value);
      else writeText(cell, read(value));
      if (key[0] === "w") {
        fitPill(/** @type {SVGElement} */ (cell), this.grounds.get(key), value);
        continue;
      }
      cell.classList.toggle("bl-zero", dull);
    }
    if (key[0] === "w") paintEdge(this.groups.get(`e${key.slice(1)}`), value);
  }

  /** How far the steps are in what is folded. */
  writeInsides() {
    this.marks?.fill(this.at);
    this.marks?.cover();
  }

  /** Go to a position: only what changes on the way is written, and of a large film what is seen. @param {number} to */
  seek(to) {
    if (this.film.large) {
      this.at = Math.min(to, this.film.frames.length - 1);
      for (const key of this.texts.keys()) {
        const text = this.shown(key);
        if (text !== this.now.get(key)) this.write(key, text);
      }
      this.writeInsides();
      this.dot();
      return;
    }
    to = Math.min(to, this.film.changes.length - 1);
    while (this.at < to) {
      this.at += 1;
      for (const [key, value] of Object.entries(this.film.changes[this.at])) this.write(key, value);
    }
    while (this.at > to) {
      for (const [key, value] of Object.entries(this.undo[this.at])) this.write(key, value);
      this.at -= 1;
    }
    this.heat?.seek(to);
    this.writeInsides();
    this.dot();
  }

  /** The film has other changes: at this position, write what they make of the texts. */
  replay() {
    this.undo = this.before();
    if (this.at < 0) return;
    for (const key of this.now.keys()) this.write(key, "");
    const { at } = this;
    this.at = -1;
    this.seek(at);
  }

  /** Numbers have changed at all positions: write those that are other ones here; if they are moving, those in sight. @param {Live} live @param {boolean} moving */
  renew(live, moving) {
    this.undo = this.before();
    const all = [...this.texts.values()].flat();
    if (!moving || this.film.rows.length <= MOST_IN_SIGHT || all.length < MOST_WRITTEN) this.sight = null;
    else this.sight ??= inSight(all);
    const texts = Object.assign({}, ...this.film.changes.slice(0, this.at + 1));
    for (const key of new Set([...this.now.keys(), ...Object.keys(texts)])) if ((this.now.get(key) ?? "") !== (texts[key] ?? "")) this.write(key, texts[key] ?? "");
    this.marks?.renew(this.film);
    this.heat?.renew();
    this.note(live);
  }

  /** The inputs rest: write what has waited. */
  rest() {
    this.sight = null;
    for (const key of this.late) this.paint(key, this.wondered.includes(key) ? "?" : this.now.get(key) ?? "");
    this.late.clear();
  }

  /** The picture's description, and signs at the nodes that have something to say. @param {Live} live */
  note(live) {
    if (live.entries) slope(this, live);
    const title = this.svg.querySelector("title");
    if (title) writeText(title, live.fill(this.about));
    const signs = new Map([...this.svg.querySelectorAll(".bl-mark")].map((sign) => [sign.parentElement, sign]));
    for (const [key, group] of this.groups) {
      if (key[0] !== "n" && key[0] !== "g") continue;
      const found = this.fold.inside(key).map((id) => live.note(id)).find(Boolean);
      const sign = signs.get(/** @type {any} */ (group));
      if (!found || sign?.getAttribute("class") !== `bl-mark bl-mark-${found.kind}`) sign?.remove();
      if (!found) continue;
      const mark = sign?.isConnected ? sign : warning(group, found.kind);
      const words = /** @type {Element} */ (mark.querySelector("title"));
      if (words.textContent !== found.sentence) words.textContent = found.sentence;
    }
  }

  /** Show the picture whose rows have room; whether that is another one. @param {number} room in units of the picture */
  suit(room) {
    const { svg, narrow } = this.drawn;
    this.room = room;
    const text = narrow && Number(/ width=['"]([\d.]+)/.exec(svg)?.[1]) > room ? narrowed(svg, narrow) : svg;
    if (text === this.text) return false;
    this.swap(text);
    return true;
  }

  /** Show a picture with other parts open, in rows that have room. @param {Drawn} drawn */
  open(drawn) {
    this.drawn = drawn;
    this.text = ""; // another one, whatever it is
    this.suit(this.room);
  }

  /** Another picture of the same film, with other parts open or other rows, at the same position. @param {string} text */
  swap(text) {
    const old = this.svg;
    this.text = text;
    ({ svg: this.svg, groups: this.groups, texts: this.texts, grounds: this.grounds } = picture(text));
    old.replaceWith(this.svg);
    this.marks = this.marked();
    this.lights = new Lights();
    this.wondered = [];
    this.heat?.swap(this.svg);
    for (const key of this.texts.keys()) this.write(key, this.shown(key));
    this.writeInsides();
    this.roads = this.passed();
    if (this.at >= 0) this.dot();
  }

  /** Put a question mark where the numbers of these keys will stand; what had one before gets its own text back. @param {Key[]} keys @param {Key} [adds] what another number arrives at */
  wonder(keys, adds) {
    for (const key of this.wondered) this.write(key, this.now.get(key) || "");
    this.wondered = keys.filter((key) => this.texts.has(key) && (key === adds || !this.now.get(key)));
    for (const key of this.wondered) this.paint(key, this.now.get(key) ? `${this.now.get(key)} + ?` : "?");
  }

  /** Underline in the statements' titles what a step computes. @param {Row | undefined} row */
  underline({ line, part = [] } = /** @type {Row} */ ({})) {
    for (const title of this.svg.querySelectorAll(".bl-statement-code")) {
      const text = title.textContent || "";
      const [, k] = (title.getAttribute("data-line") || "").split("_").map(Number);
      const here = line && title.getAttribute("data-line") === line.join("_") ? part.find(([own]) => own === k) : undefined;
      const indent = line && here ? /** @type {number} */ (this.film.code[line[0]].lines[k].search(/\S/)) : 0;
      const [from, to] = here ? [here[1] - indent, here[2] - indent] : [0, 0];
      const now = draw("tspan", "bl-statement-now", {}, text.slice(from, to));
      title.replaceChildren(text.slice(0, from), ...(to > from ? [now] : []), text.slice(to));
    }
  }

  /** Light nodes and edges: {key: class names}. @param {Lit} lit */
  light(lit) {
    for (const [key, names] of Object.entries(lit)) for (const name of names) this.lights.on(this.group(key), name);
  }

  /** Fill the numbers that a step takes up and ring the one that it makes, here and in the table. @param {Told} told */
  use({ uses = [], gives }) {
    for (const key of uses) if (key !== gives) for (const place of this.places(key)) this.lights.on(place, "bl-used");
    if (gives) for (const place of this.places(gives)) this.lights.on(place, "bl-result");
  }

  /** Where a number stands, with what it stands on. @param {Key} key */
  places(key) {
    const slopes = key[0] === "w" ? this.group(`e${key.slice(1)}`)?.querySelectorAll(".bl-slope") ?? [] : [];
    return [...(this.texts.get(key) || []), ...slopes, this.grounds.get(key)];
  }

  /** Add a cell that shows the number of a key, such as the table's. @param {Key} key @param {Element} cell */
  cells(key, cell) {
    into(this.texts, key, cell);
    if (this.shown(key)) cell.textContent = read(this.shown(key));
  }

  /** The number that stands at a key. @param {Key} key */
  shown(key) {
    return (this.film.large ? this.film.large.text(key, this.at) : this.now.get(key)) || "";
  }

  /** What shows a node or an edge. @param {Key} key */
  group(key) {
    return this.groups.get(this.fold.seen(key) ?? "");
  }

  /** Scroll to the step: to what it reads if there is room, to what it writes, and last to what was chosen. @param {Key[]} chosen */
  follow(chosen) {
    for (const node of this.svg.querySelectorAll(".bl-node.bl-read")) keepNodeInView(this.element, node);
    keepNodeInView(this.element, this.lights.with("bl-write").find((g) => g.classList.contains("bl-node")));
    for (const key of chosen) keepNodeInView(this.element, this.groups.get(key));
  }
}
