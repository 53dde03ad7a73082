// Small arrays whose inputs move: their numbers on the tape, as texts and as maps, as heat.py, texts.py and notation.py have
// them; and sliders for entries. graph/entries.py says what is sent. A page without arrays comes without this file.

/** The numbers at places of the tape, in lists as the places are. @param {Numbers} places @param {number[]} played @returns {Numbers} */
const gathered = (places, played) => (typeof places === "number" ? played[places] ?? NaN : places.map((place) => gathered(place, played)));

/** All numbers of an array, row by row. @param {Numbers} x @returns {number[]} */
const flat = (x) => (typeof x === "number" ? [x] : x.flatMap(flat));

/** @param {Numbers} x @returns {number[]} */
const axesOf = (x) => (typeof x === "number" ? [] : [x.length, ...axesOf(x[0])]);

/** An array as a person writes it: its numbers if they are few, else its shape. @param {Numbers} x @param {number} digits @returns {string} */
function wroteAll(x, digits) {
  if (typeof x === "number") return wrote(x, digits);
  const [shape, size] = [axesOf(x), flat(x).length];
  if (size <= (shape.length === 1 ? 4 : 6)) return `[${x.map((part) => wroteAll(part, Math.min(digits, 4))).join(", ")}]`;
  return `${shape.join("×")} number${size === 1 ? "" : "s"}`;
}

/** An array in a node's cell: a short vector's numbers, else its shape. @param {Numbers[]} x */
function arrayInCell(x) {
  const [shape, text] = [axesOf(x), wroteAll(x, 5)];
  if (shape.length === 1 && text.length <= 18) return text;
  return shape.length > 1 ? shape.join("×") : manyNumbers(x.length);
}

/** @param {number} many */
const manyNumbers = (many) => `${many} number${many === 1 ? "" : "s"}`;

/** What stands on an edge: a text, or numbers with what is beside them. @param {string | [string, string]} label @param {Numbers} x */
function labelled(label, x) {
  if (typeof label === "string") return label;
  const [sign, added] = label;
  const text = typeof x === "number" ? onEdge(x) : sign + wroteAll(x, 3);
  return added && text === "1" ? added : [text, added].filter(Boolean).join(", ");
}

/** The map of an array. @param {Numbers[]} x @param {boolean} lies as a row, though it is a vector @param {boolean} truths @param {[string, Numbers, Numbers] | undefined} factors of an outer product @returns {HeatMap} */
function mapOf(x, lies, truths, factors) {
  const [rows, across] = axesOf(x);
  const vector = across === undefined;
  const columns = vector ? (lies ? rows : 1) : across;
  const made = { rows: vector && lies ? 1 : rows, columns, texts: flat(x).map((y) => wrote(y, columns > 1 ? 3 : 4)), says: saidOf(x, truths), vector, few: true };
  if (!factors) return made;
  const [side, top] = factors.slice(1).map((factor) => flat(/** @type {Numbers} */ (factor)).map((y) => wrote(y, 3)));
  return { ...made, table: [factors[0], side, top] };
}

/** An array of finite numbers in words. @param {Numbers[]} x @param {boolean} truths */
function saidOf(x, truths) {
  const [shape, all] = [axesOf(x), flat(x)];
  const size = shape.length === 1 ? manyNumbers(all.length) : shape.join(" by ");
  if (truths) return `${size}, ${all.filter(Boolean).length} of ${all.length} are True`;
  const [low, high] = [Math.min(...all), Math.max(...all)].map((y) => wrote(y, 4));
  if (all.length === 1) return `${size}: ${low}`;
  if (low === high) return `${size}, all ${low}`;
  const at = all.reduce((most, y, k) => (Math.abs(y) > Math.abs(all[most]) ? k : most), 0);
  if (all.filter(Boolean).length === 1) return `${size}, all 0 but ${wrote(all[at], 4)} ${placeOf(at, shape)}`;
  return `${size}, from ${low} to ${high}, largest in magnitude ${placeOf(at, shape)}`;
}

/** @param {number} at @param {number[]} shape */
function placeOf(at, [rows, columns]) {
  if (columns === undefined) return `at place ${at + 1}, index [${at}]`;
  const [i, j] = [Math.floor(at / columns), at % columns];
  return `at row ${i + 1}, column ${j + 1}, index [${i}, ${j}]`;
}

/** What a tangent costs where there are arrays, of what each operand's share does. @param {StepPlaces} row the step's @param {Numbers[]} dots @param {number | undefined} unit the input that moves at rate 1 */
function arraysCost(row, dots, unit) {
  const [terms, size] = /** @type {[number[][], number]} */ (row === 0 ? [[], 0] : row[3]);
  const used = terms.filter(([parent]) => !isZero(dots[parent] ?? 0));
  return used.reduce((sum, [parent, m, a, f, free]) => [sum[0] + (parent === unit ? free : m), sum[1] + a, sum[2] + f], [0, Math.max(used.length - 1, 0) * size, 0]);
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
