// Small arrays whose inputs move: their numbers on the tape, as texts and as maps, as heat.py, texts.py and notation.py have
// them; and sliders for entries. graph/entries.py says what is sent. A page without arrays comes without this file.

/** The numbers at places of the tape, in lists as the places are. @param {Numbers} places @param {number[]} played @returns {Numbers} */
const gathered = (places, played) => (typeof places === "number" ? played[places] ?? NaN : places.map((place) => gathered(place, played)));

/** As many zeros. @param {Numbers} x @returns {Numbers} */
const zeroed = (x) => (typeof x === "number" ? 0 : x.map(zeroed));

/** All numbers of an array, row by row. @param {Numbers} x @returns {number[]} */
const flat = (x) => (typeof x === "number" ? [x] : x.flatMap(flat));

/** @param {Numbers} x @returns {number[]} */
const axesOf = (x) => (typeof x === "number" ? [] : [x.length, ...axesOf(x[0])]);

/** An array as a person writes it: its numbers if they are few, else its shape. @param {Numbers} x @param {number} [digits] @returns {string} */
function wroteAll(x, digits = DIGITS) {
  if (typeof x === "number") return wrote(x, digits);
  const [shape, size] = [axesOf(x), flat(x).length];
  const most = Math.min(digits, 4);
  if (size <= (shape.length === 1 ? 4 : 6)) return `[${x.map((part) => (typeof part === "number" ? shorter(part, most) : wroteAll(part, most))).join(", ")}]`;
  return `${shape.join("×")} number${size === 1 ? "" : "s"}`;
}

/** An array in a node's cell: a short vector's numbers, else its shape. @param {Numbers[]} x */
function arrayInCell(x) {
  const [shape, text] = [axesOf(x), wroteAll(x)];
  if (shape.length === 1 && text.length <= 18) return text;
  return shape.length > 1 ? shape.join("×") : manyNumbers(x.length);
}

/** @param {number} many */
const manyNumbers = (many) => `${many} number${many === 1 ? "" : "s"}`;

/** What stands on an edge: a text, or numbers with what is beside them. @param {string | [string, string]} label @param {Numbers} x */
function labelled(label, x) {
  if (typeof label === "string") return label;
  const [sign, added] = label;
  const text = typeof x === "number" ? wrote(x) : sign + wroteAll(x, 3);
  return added && text === "1" ? added : [text, added].filter(Boolean).join(", ");
}

/** The map of an array. @param {Numbers[]} x @param {boolean} lies as a row, though it is a vector @param {boolean} truths @param {[string, Numbers, Numbers] | undefined} factors of an outer product @returns {HeatMap} */
function mapOf(x, lies, truths, factors) {
  const [rows, across] = axesOf(x);
  const vector = across === undefined;
  const columns = vector ? (lies ? rows : 1) : across;
  const made = { rows: vector && lies ? 1 : rows, columns, texts: flat(x).map((y) => shorter(y, columns > 1 ? 3 : 4)), says: saidOf(x, truths), vector, few: true };
  if (!factors) return made;
  const [side, top] = factors.slice(1).map((factor) => flat(/** @type {Numbers} */ (factor)).map((y) => shorter(y, 3)));
  return { ...made, table: [factors[0], side, top] };
}

/** An array in words. @param {Numbers[]} x @param {boolean} truths */
function saidOf(x, truths) {
  const [shape, all] = [axesOf(x), flat(x)];
  const size = shape.length === 1 ? manyNumbers(all.length) : shape.join(" by ");
  if (truths) return `${size}, ${all.filter(Boolean).length} of ${all.length} are True`;
  const odd = /** @type {[(y: number) => boolean, string][]} */ ([[Number.isNaN, "not a number"], [(y) => Math.abs(y) === Infinity, "infinite"]]);
  const strange = odd.map(([is, what]) => [all.filter(is).length, what]).map(([count, what]) => (count ? `, ${count} ${count === 1 ? "is" : "are"} ${what}` : "")).join("");
  const good = all.filter(Number.isFinite);
  if (!good.length) return `${size}, none of them finite${strange}`;
  const [low, high] = [Math.min(...good), Math.max(...good)].map((y) => wrote(y));
  if (all.length === 1) return `${size}: ${low}`;
  if (low === high && !strange) return `${size}, all ${low}`;
  const length = (/** @type {number} */ y) => (Number.isFinite(y) ? Math.abs(y) : -1);
  const at = all.reduce((most, y, k) => (length(y) > length(all[most]) ? k : most), 0);
  if (all.filter(Boolean).length === 1 && !strange) return `${size}, all 0 but ${wrote(all[at])} ${placeOf(at, shape)}`;
  return `${size}, from ${low} to ${high}, largest in magnitude ${placeOf(at, shape)}${strange}`;
}

/** Where an entry of an array stands, as an index. @param {number} at @param {number[]} shape */
const indexOf = (at, [, columns]) => (columns === undefined ? `[${at}]` : `[${Math.floor(at / columns)}, ${at % columns}]`);

/** What there is to say of the numbers of an array, or of one that is computed of arrays, if it arose here: graph/notes.py. @param {Live} live @param {number} id @returns {{kind: string, sentence: string} | null} */
function noteOfMany(live, id) {
  const { film, data, now: { values } } = live;
  const [all, shape, name] = [flat(values[id]), axesOf(values[id]), film.names[id]];
  const first = (/** @type {number} */ at) => `${name}${indexOf(at, shape)}`;
  const formula = data.shown?.[id];
  if (formula === undefined) {
    const odd = [...all.keys()].filter((k) => !Number.isFinite(all[k]));
    return odd.length ? { kind: "given", sentence: worded(WORDS.notes["given of many"], [odd.length, all.length, name, first(odd[0]), wrote(all[odd[0]])]) } : null;
  }
  if (film.edges.some(({ from, to }) => to === id && !flat(values[from]).every(Number.isFinite))) return null;
  for (const [kind, is] of /** @type {[string, (y: number) => boolean][]} */ ([["nan", Number.isNaN], ["overflow", (y) => Math.abs(y) === Infinity]])) {
    const odd = [...all.keys()].filter((k) => is(all[k]));
    const what = WORDS.notes[`${kind} of many`];
    if (odd.length && all.length === 1) return { kind, sentence: worded(WORDS.notes.one, [name, what, live.fill(formula)]) };
    if (odd.length) return { kind, sentence: worded(WORDS.notes.many, [odd.length, all.length, name, what, live.fill(formula), first(odd[0])]) };
  }
  return null;
}

/** @param {number} at @param {number[]} shape */
function placeOf(at, [rows, columns]) {
  const place = columns === undefined ? `place ${at + 1}` : `row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;
  return `at ${place}, index ${indexOf(at, [rows, columns])}`;
}

/** What a tangent costs where there are arrays, of what each operand's share does. @param {StepPlaces} row the step's @param {Numbers[]} dots @param {number | undefined} unit the input that moves at rate 1 */
function arraysCost(row, dots, unit) {
  const [, terms, size] = /** @type {[any, number[][], number]} */ (row);
  const used = terms.filter(([parent]) => !isZero(dots[parent] ?? 0));
  return used.reduce((sum, [parent, m, a, f, free]) => [sum[0] + (parent === unit ? free : m), sum[1] + a, sum[2] + f], [0, Math.max(used.length - 1, 0) * size, 0]);
}

/** What nodes and edges have of the numbers on the tape. @param {ArrayPlaces} cells @param {number[]} played @returns {AllNumbers} */
function arrayNumbers(cells, played) {
  const partials = cells.nodes.map((_, id) => Object.keys(cells.labels).filter((key) => key.startsWith(`w${id}_`)).map((key) => gathered(cells.partials[key.slice(1)] ?? -1, played)));
  return { values: cells.nodes.map((places) => gathered(places, played)), partials, played };
}

/** A number, or an entry of an array, that may change: what it is called, its node, which entry it is. */
class Entry {
  /** @param {string} name @param {number} node @param {number} [at] @param {number[]} [shape] */
  constructor(name, node, at, shape = []) {
    const index = shape.length > 1 ? [Math.floor(/** @type {number} */ (at) / shape[1]), /** @type {number} */ (at) % shape[1]] : [at];
    this.name = at === undefined ? name : `${name}[${index.join(", ")}]`;
    this.input = name;
    this.node = node;
    this.at = at;
  }
}

/** The entries of a graph's inputs, in the order of the tape. @param {Record<number, string>} names @param {ArrayPlaces} cells @param {number[]} code @returns {Entry[]} */
function entriesOf(names, cells, code) {
  /** @type {Entry[]} */
  const found = [];
  cells.nodes.forEach((places, id) => flat(places).forEach((cell, k) => {
    if (code[cell] === -1) found[cell] ??= typeof places === "number" ? new Entry(names[id], id) : new Entry(names[id], id, k, axesOf(places));
  }));
  return found;
}

/** Inputs by name with those of arrays entry by entry. @param {Record<string, any>} given @param {Entry[]} entries @returns {Record<string, any>} */
function byEntry(given, entries) {
  return Object.fromEntries(Object.entries(given ?? {}).flatMap(([name, x]) => {
    const own = entries.filter(({ input, at }) => input === name && at !== undefined);
    return Array.isArray(x) && own.length === flat(x).length ? own.map((entry, k) => [entry.name, flat(x)[k]]) : [[name, x]];
  }));
}

/** What a slider of an entry stands on, over its number in the map. @param {SVGElement} place @param {Entry} entry @param {HeatMap} map */
function groundOfEntry(place, { at = 0 }, { rows, columns }) {
  const across = Number(place.dataset.across);
  const [row, column] = [Math.floor(at / columns), at % columns];
  const box = { x: tenths((column - columns / 2) * across), y: row * HEAT.down, width: across, height: HEAT.down };
  const ground = draw("g", "bl-entry", { transform: place.getAttribute("transform") ?? "" });
  ground.append(draw("rect", "", { ...box, rx: 4 }));
  place.parentElement?.append(ground);
  return ground;
}

/** The numbers of all steps from the tape, where a sweep over arrays is written out. @param {LivePane} take @param {StepPlaces[]} places */
function gather(take, places) {
  const { played } = take.live;
  places.forEach((row, j) => {
    const k = j + 1;
    const { sign } = take.moves[k];
    if (sign === "v") return;
    const own = /** @type {any} */ (sign === "t" ? /** @type {any[]} */ (row)[0] : row);
    const { A, M = A, B } = own.A === undefined ? { A: own } : own;
    const after = gathered(A, played);
    take.steps[k] = { before: B === undefined ? zeroed(after) : gathered(B, played), amount: gathered(M, played), after };
    (take.ends[take.sweep[k]] ??= [])[take.moves[k].id] = after;
  });
  take.plain = take.ends;
}

/** The heat maps of arrays, as often as they change. @param {LivePane} take @param {NonNullable<Pane["heat"]>} heat @returns {(HeatMap | null)[]} */
function mapsOf(take, { changes, tables = {} }) {
  const { live: { data: { cells }, now: { values }, trouble }, pane } = take;
  /** @type {(HeatMap | null)[]} */
  const maps = [];
  changes.forEach((change, k) => Object.entries(change).forEach(([key, number]) => {
    if (number === null || !cells) return;
    const id = Number(key.slice(1));
    const x = key[0] === "p" ? values[id] : take.steps[k].after;
    const table = tables[k];
    const factors = table && [table[0], ...table.slice(1).map((name) => take.number(name, k, pane.frames[k]))];
    maps[number] = trouble && k ? null : mapOf(/** @type {Numbers[]} */ (x), cells.rows.includes(key), cells.truths.includes(id) && key[0] === "p", /** @type {any} */ (factors));
  }));
  return maps;
}

/** Why arrays cannot be followed there: where a sweep ends in nan, the engine keeps infinite slopes as symbols; and NumPy has ways of its own past what is infinite. @param {Film} film @param {ArrayPlaces} cells @param {number[]} played */
function beyond(film, cells, played) {
  const lost = Object.entries(cells.fragile ?? {}).find(([, [from, to]]) => played.slice(from, to).some((y) => !Number.isFinite(y)));
  if (lost) return `Arrays are followed in the page while all numbers on the way to ${film.names[Number(lost[0])]} are finite, and here one is not.`;
  /** @type {(x: any) => number[]} */
  const all = (x) => (typeof x === "number" ? [x] : Object.values(x).flatMap(all));
  const rows = (film.panes ?? [/** @type {Pane} */ (film)]).flatMap(({ cells: swept = [], frames }) => swept.map((row, k) => (frames[k + 1].kind === "tangent" ? /** @type {any[]} */ (row)[0] : row)));
  const swept = rows.some((row) => all(row).some((place) => Number.isNaN(played[place] ?? 0)));
  return swept ? "Arrays are followed in the page while all their derivatives are numbers, and here one is not." : "";
}

/** Whether an input is an array that can have these numbers. @param {Entry[]} entries @param {string} name @param {any} x */
function takes(entries, name, x) {
  const own = entries.filter(({ input, at }) => input === name && at !== undefined);
  return own.length > 0 && Array.isArray(x) && x.flat(2).length === own.length && x.flat(2).every((one) => typeof one === "number");
}

/** The inputs by name, arrays as lists. @param {Live} live @param {Entry[]} entries @returns {Record<string, Numbers>} */
function givenArrays({ film, data, inputs }, entries) {
  const nodes = new Set(entries.map(({ node }) => node));
  return Object.fromEntries([...nodes].map((node) => [film.names[node], gathered(data.cells?.nodes[node] ?? [], inputs)]));
}

/** The slopes of short vectors, entry by entry: their numbers, and a thin line where one is 0. @param {Stage} stage @param {Live} live */
function slope(stage, live) {
  for (const slopes of stage.svg.querySelectorAll("[data-slopes]")) {
    const edge = /** @type {Element} */ (slopes.closest("[data-edge]"));
    const key = `w${edge.getAttribute("data-edge")}`;
    const own = flat(live.known(key)).map((x) => shorter(x, 3));
    slopes.setAttribute("data-slopes", own.join("|"));
    paintEdge(edge, stage.now.get(key) ?? "");
    const lines = edge.querySelectorAll(".bl-wire");
    const order = [...own.keys()].sort((a, b) => Math.abs(a - (own.length - 1) / 2) - Math.abs(b - (own.length - 1) / 2)); // the middle one was drawn first
    if (lines.length === own.length) order.forEach((k, place) => lines[place].classList.toggle("bl-still", own[k] === "0"));
  }
}
