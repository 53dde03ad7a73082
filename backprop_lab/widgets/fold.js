// Large graphs fold. What is seen while some parts are open follows from the film's tree of parts; drawing/folding/fold.py works
// out the same for the pictures. A picture with other parts open comes from the kernel, or came along with the page.

/** The film's tree; a small graph is one part that is always open. @param {Film} film */
function tree(film) {
  if (!film.fold) {
    const whole = { label: "", kind: "call", parent: -1, size: film.rows.length, result: -1, turn: 0 };
    return { parts: [whole], of: () => 0, open: [0] };
  }
  const { parts, of, open } = film.fold;
  return {
    parts: parts.map(([label, kind, parent, size, result, turn]) => ({ label, kind, parent, size, result, turn })),
    of: (/** @type {number} */ id) => of[id],
    open,
  };
}

/** The first place from which on a list in order is beyond a number. @param {ArrayLike<number>} list @param {number} at @param {number} low @param {number} high where to look */
function firstAfter(list, at, low = 0, high = list.length) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The key of a place: of the number of a folded part, or −1 − that of a node. @param {number} place @returns {Key} */
const keyOfPlace = (place) => (place < 0 ? `n${-1 - place}` : `g${place}`);

/** Where each node and each edge of a film is seen. */
class Folding {
  /** @type {Set<number>} */
  open = new Set();
  /** where each node is seen: the number of the folded part around it, or −1 − its own
   * @type {Int32Array} */
  places = new Int32Array(0);
  /** @type {Key[]} what is seen, in the order of the nodes */
  order = [];
  /** @type {Map<Key, Key | null>} for edges that somebody asked for, the line that is drawn; none for one inside a folded part */
  lines = new Map();

  /** @param {Film} film */
  constructor(film) {
    this.film = film;
    this.folded = Boolean(film.fold);
    const { parts, of, open } = tree(film);
    this.parts = parts;
    this.of = of;
    this.ids = film.rows.filter((row) => !row.hidden).map((row) => row.node); // hidden constants are seen nowhere
    this.unseen = new Set(film.rows.filter((row) => row.hidden).map((row) => row.node));
    this.begins = new Int32Array(film.rows.length + 1); // for each node, the first of the edges that lead to it, which stand together
    for (const { to } of film.edges) this.begins[to + 1] += 1;
    for (let id = 0; id < film.rows.length; id += 1) this.begins[id + 1] += this.begins[id];
    this.set(open);
  }

  /** The edges that lead to a node. @param {number} id */
  leading(id) {
    return this.film.edges.slice(this.begins[id], this.begins[id + 1]);
  }

  /** The edge of a key, if there is one. @param {Key} key */
  edge(key) {
    return this.leading(parseInt(key.slice(1), 10)).find((edge) => edge.id === key);
  }

  /** These parts are open. @param {number[]} wanted */
  set(wanted) {
    this.open = new Set([0, ...wanted]);
    const hidden = new Int32Array(this.parts.length); // for each part, the folded part that hides it, or -1
    this.parts.forEach(({ parent }, k) => {
      const around = parent < 0 ? -1 : hidden[parent];
      hidden[k] = around >= 0 ? around : this.open.has(k) ? -1 : k;
    });
    this.places = new Int32Array(this.film.rows.length);
    for (let id = 0; id < this.places.length; id += 1) {
      const box = hidden[this.of(id)];
      this.places[id] = box < 0 ? -1 - id : box;
    }
    const met = new Uint8Array(this.parts.length);
    this.order = [];
    for (const id of this.ids) {
      const box = this.places[id];
      if (box >= 0 && met[box]) continue;
      if (box >= 0) met[box] = 1;
      this.order.push(this.home(id));
    }
    this.lines = new Map();
  }

  /** Where a node is seen. @param {number} id @returns {Key} */
  home(id) {
    return keyOfPlace(this.places[id]);
  }

  /** The line that an edge is in the picture. @param {Edge} edge @returns {Key | null} */
  lineOf({ id, from, to }) {
    const { places } = this;
    if (places[from] === places[to]) return null;
    if (places[to] < 0 && (places[from] < 0 || this.leading(to).filter((edge) => places[edge.from] === places[from]).length === 1)) return id;
    return `m${this.home(from)}_${this.home(to)}`;
  }

  /** The folded part that a key names. @param {Key} key */
  part(key) {
    return this.parts[Number(key.slice(1))];
  }

  /** Where a node or an edge is seen, by its key; null if nowhere. @param {Key} key @returns {Key | null} */
  seen(key) {
    if (key[0] === "n") return this.unseen.has(Number(key.slice(1))) ? key : this.home(Number(key.slice(1)));
    if (key[0] !== "e") return key;
    let line = this.lines.get(key);
    if (line === undefined) {
      const edge = this.edge(key);
      line = edge ? this.lineOf(edge) : null;
      this.lines.set(key, line);
    }
    return line;
  }

  /** The parts around a part, with itself, from the whole graph on. @param {number} part */
  path(part) {
    const found = [];
    for (let k = part; k > 0; k = this.parts[k].parent) found.push(k);
    return [0, ...found].sort((a, b) => a - b);
  }

  /** @param {Key} key */
  label(key) {
    return key[0] === "g" ? this.part(key).label : this.film.names[Number(key.slice(1))];
  }

  /** How much is in a folded part: entries of a list of inputs, else nodes. @param {Key} key */
  size(key) {
    const { kind, size } = this.part(key);
    return kind === "list" ? `${size} entries` : `${size} nodes`;
  }

  /** The node whose numbers are shown there. @param {Key} key */
  result(key) {
    return key[0] === "g" ? this.part(key).result : Number(key.slice(1));
  }

  /** @param {Key} key */
  inside(key) {
    const own = Number(key.slice(1));
    return key[0] === "g" ? this.ids.filter((id) => this.places[id] === own) : [own];
  }

  /** The innermost open part around something that is seen; 0 is the whole graph. @param {Key} key */
  around(key) {
    return key[0] === "g" ? this.part(key).parent : this.of(Number(key.slice(1)));
  }

  /** Whether the number of a text key has a place in the picture. @param {Key} key */
  shows(key) {
    const id = Number(key.slice(1));
    if (this.unseen.has(id)) return false;
    const place = this.places[id];
    return place === -1 - id || this.parts[place]?.result === id;
  }

  /** Where a step's doing is seen: a contribution is its sender's. @param {Frame} frame */
  doer(frame) {
    const id = frame.by ?? frame.id ?? -1;
    return id < 0 ? "" : this.home(id);
  }
}
