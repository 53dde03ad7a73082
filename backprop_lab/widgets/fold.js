// Large graphs fold. What is seen while some parts are open follows from the film's tree of parts; drawing/folding/fold.py works
// out the same for the pictures. A picture with other parts open comes from the kernel, or came along with the page.

/** The film's tree; a small graph is one part that is always open. @param {Film} film */
function tree(film) {
  if (!film.fold) {
    const whole = { label: "", kind: "call", parent: -1, size: film.rows.length, result: -1 };
    return { parts: [whole], of: () => 0, open: [0] };
  }
  const { parts, of, open } = film.fold;
  return {
    parts: parts.map(([label, kind, parent, size, result]) => ({ label, kind, parent, size, result })),
    of: (/** @type {number} */ id) => of[id],
    open,
  };
}

/** Where each node and each edge of a film is seen. */
class Folding {
  /** @type {Set<number>} */
  open = new Set();
  /** @type {Key[]} for each node, where it is seen */
  homes = [];
  /** @type {Key[]} what is seen, in the order of the nodes */
  order = [];
  /** @type {Map<Key, Key>} for each edge, the line that is drawn; none for edges inside a folded part */
  lines = new Map();

  /** @param {Film} film */
  constructor(film) {
    this.film = film;
    this.folded = Boolean(film.fold);
    const { parts, of, open } = tree(film);
    this.parts = parts;
    this.of = of;
    this.ids = film.rows.filter((row) => !row.hidden).map((row) => row.node); // hidden constants are seen nowhere
    this.set(open);
  }

  /** These parts are open. @param {number[]} wanted */
  set(wanted) {
    this.open = new Set([0, ...wanted]);
    /** @type {number[]} for each part, the folded part that hides it, or -1 */
    const hidden = [];
    this.parts.forEach(({ parent }, k) => {
      const around = parent < 0 ? -1 : hidden[parent];
      hidden.push(around >= 0 ? around : this.open.has(k) ? -1 : k);
    });
    this.homes = [];
    for (const id of this.ids) this.homes[id] = hidden[this.of(id)] < 0 ? `n${id}` : `g${hidden[this.of(id)]}`;
    this.order = [...new Set(this.ids.map((id) => this.homes[id]))];
    this.lines = this.drawn();
  }

  /** The lines, where these parts are open. */
  drawn() {
    /** @type {Map<string, Key[]>} */
    const uses = new Map();
    for (const { id, from, to } of this.film.edges) {
      const [start, end] = [this.homes[from], this.homes[to]];
      if (start !== end) into(uses, `${start}_${end}`, id);
    }
    /** @type {Map<Key, Key>} */
    const lines = new Map();
    for (const [ends, found] of uses) {
      const alone = ends.split("_")[1][0] === "n" && (ends[0] === "n" || found.length === 1);
      for (const id of found) lines.set(id, alone ? id : `m${ends}`);
    }
    return lines;
  }

  /** The folded part that a key names. @param {Key} key */
  part(key) {
    return this.parts[Number(key.slice(1))];
  }

  /** Where a node or an edge is seen, by its key; null if nowhere. @param {Key} key @returns {Key | null} */
  seen(key) {
    if (key[0] === "e") return this.lines.get(key) ?? null;
    return key[0] === "n" ? (this.homes[Number(key.slice(1))] ?? key) : key;
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
    return key[0] === "g" ? this.ids.filter((id) => this.homes[id] === key) : [Number(key.slice(1))];
  }

  /** The innermost open part around something that is seen; 0 is the whole graph. @param {Key} key */
  around(key) {
    return key[0] === "g" ? this.part(key).parent : this.of(Number(key.slice(1)));
  }

  /** Whether the number of a text key has a place in the picture. @param {Key} key */
  shows(key) {
    const id = Number(key.slice(1));
    const home = this.homes[id];
    return home === `n${id}` || Boolean(home && this.part(home).result === id);
  }

  /** Where a step's doing is seen: a contribution is its sender's. @param {Frame} frame */
  doer(frame) {
    return this.homes[frame.by ?? frame.id ?? -1];
  }

  /** The positions at which something that is seen has had its turn. @param {Frame[]} frames */
  rests(frames) {
    const turn = frames.map((f, k) => (k ? `${this.doer(f)} ${f.phase} ${f.kind === "seed"}` : ""));
    return turn.map((_, k) => k).filter((k) => k && turn[k] !== turn[k + 1]);
  }
}
