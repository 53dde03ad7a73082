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

  /** @type {Map<number, number[]>} the parts in each part */
  inner = new Map();

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

  /** The node whose numbers are shown there. @param {Key} key */
  result(key) {
    return key[0] === "g" ? this.part(key).result : Number(key.slice(1));
  }

  /** @param {Key} key */
  inside(key) {
    return key[0] === "g" ? this.ids.filter((id) => this.homes[id] === key) : [Number(key.slice(1))];
  }

  /** The turns of a loop, also those in bundles. @param {number} part @returns {FoldPart[]} */
  turnsIn(part) {
    if (!this.inner.size) this.parts.forEach(({ parent }, k) => into(this.inner, parent, k));
    return (this.inner.get(part) || []).flatMap((k) => (this.parts[k].kind === "bundle" ? this.turnsIn(k) : [this.parts[k]]));
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

  /** The open parts once one of them is opened or closed. @param {number} part @param {boolean} on */
  wanted(part, on) {
    const open = [...this.open];
    const kept = on ? [...new Set([...open, ...this.path(part)])] : open.filter((k) => !this.path(k).includes(part));
    return kept.sort((a, b) => a - b);
  }

  /** The first thing that is seen in an open part. @param {number} part */
  first(part) {
    return this.order.find((key) => this.path(this.around(key)).includes(part));
  }

  /** What to say when a part has been opened or closed. @param {number} part @param {boolean} on */
  account(part, on) {
    const { label } = this.parts[part];
    if (!on) return `${label} is folded.`;
    const inside = this.order.filter((key) => this.path(key[0] === "g" ? Number(key.slice(1)) : this.around(key)).includes(part));
    const boxes = inside.filter((key) => key[0] === "g").length;
    const seen = [boxes && several(boxes, "folded part"), inside.length - boxes && several(inside.length - boxes, "node")].filter(Boolean);
    return `${label} is open: ${seen.join(" and ")}. The sign in the corner of its frame folds it.`;
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

/**
 * How far the steps inside each folded part are: at a position, the texts of its keys.
 * @param {Pane} film @param {Folding} fold @returns {(to: number) => [Key, string][]}
 */
function insides(film, fold) {
  /** @type {Map<string, number[]>} box and phase → the positions of its steps */
  const turns = new Map();
  film.frames.forEach((frame, k) => {
    const key = k ? fold.doer(frame) : "";
    if (key && key[0] === "g") into(turns, `${key} ${frame.phase}`, k);
  });
  const boxes = fold.order.filter((key) => key[0] === "g");
  return (to) => boxes.map((key) => {
    const steps = turns.get(`${key} ${film.frames[to].phase}`) || [];
    let [low, high] = [0, steps.length]; // how many of them are done
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle] <= to) low = middle + 1;
      else high = middle;
    }
    return [`d${key.slice(1)}`, low ? `${low} of ${steps.length} steps` : ""];
  });
}

/**
 * Opens and closes parts. `ask(open)` asks the kernel and returns why it cannot, if so; without one, the pictures that
 * came along are used. `swap(scene)` shows a picture, `say(text)` says what cannot be.
 * @param {Film} film @param {Folding} fold @param {Outside["open"]} ask
 * @param {(scene: Scene) => void} swap @param {(text: string) => void} say
 */
function unfolder(film, fold, ask, swap, say) {
  const key = (/** @type {number[]} */ open) => open.join(",");
  const scenes = film.scenes || {};
  return (/** @type {number} */ part, /** @type {boolean} */ on) => {
    const label = fold.parts[part].label;
    const wanted = fold.wanted(part, on);
    if (ask) {
      say(`${on ? "Opening" : "Closing"} ${label} …`);
      const reason = ask(wanted);
      if (reason) say(reason);
      return;
    }
    const path = on ? fold.path(part) : fold.path(fold.parts[part].parent);
    const open = [wanted, path].find((some) => scenes[key(some)]);
    if (open) swap({ open, svgs: scenes[key(open)] });
    else say(`This page has no picture with ${label} ${on ? "open" : "closed"}. In a notebook every part opens: run the cell that made this page, or trace that part alone.`);
  };
}
