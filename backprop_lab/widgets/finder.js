// Finding the way in a folded graph: where one is, a search, the whole at once, where the sweep is, and the path from a
// node to the output along the edges that bring most of its adjoint.

const MOST_FOUND = 8;
const MOST_STATIONS = 24; // of a path

/** A name as one types it: without quotation marks and spaces. @param {string} text */
const typed = (text) => text.toLowerCase().replace(/['"\s]/g, "");

/**
 * A few letters for a name: words by how they begin, brackets and underscores left out. `lj0` is `p['letter']['j'][0]`.
 * @param {string} wanted
 */
function abbreviated(wanted) {
  const signs = [...wanted].map((sign) => sign.replace(/[^a-z0-9]/, "\\$&") + (/[a-z]/.test(sign) ? "(?:[a-z]*[^a-z0-9]+)?" : "[^a-z0-9]*"));
  return new RegExp(`(?<![a-z])${signs.join("")}($)?`);
}

const NO_HIT = 9;

/** How well a name has these letters: it is just that, begins with them, ends so, has them somewhere, is shortened so. @param {string} plain @param {string} wanted @param {RegExp} short */
function rankOf(plain, wanted, short) {
  const at = plain.indexOf(wanted);
  if (at >= 0) return plain === wanted ? 0 : at === 0 ? 1 : plain.endsWith(wanted) ? 2 : 3;
  const hit = short.exec(plain);
  return hit ? (hit[1] === undefined ? 5 : 4) : NO_HIT;
}

class Finder {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.fold = player.fold;
    this.film = player.film;
    this.element = make("div", "bl-find");
    this.crumbs = make("ol", "bl-crumbs");
    this.crumbs.setAttribute("aria-label", "where this is in the graph");
    this.field = Object.assign(make("input", "bl-search"), { type: "search", placeholder: "find a name or turn 57" });
    this.field.setAttribute("aria-label", "find a name, a call or a turn");
    this.hits = make("div", "bl-hits");
    this.status = make("span", "bl-hidden");
    this.status.setAttribute("role", "status");
    this.whole = toggle("fit", false, (on) => player.main.classList.toggle("bl-fit", on));
    this.whole.title = "The whole picture at once, however small (z)";
    const where = pusher("where the sweep is", () => this.where(), "Scroll to what the step does (w)");
    this.path = make("ol", "bl-stations");
    this.path.hidden = true;
    const shares = player.stages[0].film.second === "adjoint" ? [pusher("largest shares", () => this.follow(), "The path to the output along the edges that bring most of the chosen node's adjoint (l)")] : [];
    const row = make("div", "bl-find-row");
    row.append(this.crumbs, this.field, this.whole, where, ...shares, this.status);
    this.element.append(row, this.hits, this.path);
    this.said = "";
    this.field.oninput = () => this.search();
    this.field.onkeydown = (event) => {
      if (event.key === "Enter") this.first()?.click();
      if (event.key === "ArrowDown") /** @type {HTMLElement | null} */ (this.hits.querySelector("button"))?.focus();
    };
  }

  // ---- where one is

  /** Name the parts around what was chosen, or around the step. @param {number} at */
  show(at) {
    const { fold, film, player } = this;
    const key = player.look.chosen ?? (at > 0 ? fold.doer(film.frames[at]) : null);
    const path = fold.path(key ? fold.around(key) : 0);
    const said = path.join();
    if (said === this.said) return;
    this.said = said;
    this.crumbs.replaceChildren(...path.map((part, k) => {
      const item = make("li", "");
      const label = fold.parts[part].label;
      item.append(k + 1 < path.length ? pusher(label, () => player.unfold(path[k + 1], false), `Back to ${label}: fold what is open in it`) : make("span", "", label));
      return item;
    }));
  }

  /** Scroll to what the step does, and say where that is. */
  where() {
    const { fold, film, player } = this;
    const frame = film.frames[player.at];
    const key = player.at ? fold.doer(frame) : null;
    if (!key) return player.look.say("No step has been made yet.");
    for (const s of player.stages) keepNodeInView(s.element, s.groups.get(key));
    const path = fold.path(fold.around(key)).map((part) => fold.parts[part].label);
    return player.look.say(`Step ${player.at}, ${frame.phase}: in ${[...path, fold.label(key)].join(", in it ")}.`);
  }

  // ---- search

  /** What has these letters in its name: parts first, then nodes; what begins with them, or is just that, before others, and last what they shorten. @param {string} text @returns {{key: Key, name: string}[]} */
  found(text) {
    const wanted = typed(text);
    if (!wanted) return [];
    const { fold: { parts, ids }, film } = this;
    if (!this.names) this.names = [
      ...parts.map(({ label, parent, turn }, k) => ({
        key: `g${k}`, plains: [typed(label), ...(turn ? [`turn${turn}`] : [])],
        name: turn && parent > 0 ? `${label} in ${parts[parent].label}` : label,
      })).slice(1),
      ...ids.map((id) => ({ key: `n${id}`, name: film.names[id], plains: [typed(film.names[id])] })),
    ];
    /** @type {{key: Key, name: string, rank: number}[]} */
    const all = [];
    const short = abbreviated(wanted);
    for (const { key, name, plains } of this.names) {
      const rank = Math.min(...plains.map((plain) => rankOf(plain, wanted, short)));
      if (rank < NO_HIT) all.push({ key, name, rank });
    }
    return all.sort((a, b) => a.rank - b.rank);
  }

  search() {
    const all = this.found(this.field.value);
    const shown = all.slice(0, MOST_FOUND);
    this.hits.replaceChildren(...shown.map(({ key, name }) => {
      const numbers = ["p", "a"].map((letter) => this.player.stages[0].shown(letter + this.fold.result(key))).filter(Boolean);
      return pusher([read(name), ...numbers.map(read)].join("  "), () => this.go(key), key[0] === "g" ? "Open it" : "Open the parts around it and choose it");
    }));
    if (all.length > shown.length) this.hits.append(make("span", "", `and ${all.length - shown.length} more`));
    if (this.field.value && !all.length) this.hits.append(make("span", "", "Nothing here has these letters in its name."));
    this.status.textContent = this.field.value ? `${several(all.length, "hit")}${shown.length ? `: ${shown.map(({ name }) => name).join(", ")}` : ""}` : "";
  }

  first() {
    return /** @type {HTMLElement | null} */ (this.hits.querySelector("button"));
  }

  /** Begin to search with a digit: the number of a node. @param {string} digit */
  begin(digit) {
    this.field.value = digit;
    this.field.focus();
    this.search();
  }

  /** Open what is around something, and choose it; a part is opened itself. @param {Key} key */
  go(key) {
    const { fold, player } = this;
    const around = fold.around(key);
    this.field.value = "";
    this.search();
    player.root.focus({ preventScroll: true });
    if (key[0] === "g" && fold.open.has(Number(key.slice(1)))) {
      for (const s of player.stages) keepNodeInView(s.element, s.groups.get(`f${key.slice(1)}`));
      return player.look.say(`${fold.label(key)} is open.`);
    }
    if (key[0] === "g") return player.unfold(Number(key.slice(1)), true);
    if (fold.path(around).every((part) => fold.open.has(part))) return player.reach(key);
    player.wanted = key;
    return player.unfold(around, true);
  }

  // ---- the path of the largest shares

  /** What an adjoint consists of: the edges to a node's users, each with what it brings, the largest first. @param {number} id @returns {{edge: Edge, brings: number}[]} */
  shares(id) {
    if (!this.uses) {
      /** @type {Map<number, Edge[]>} */
      this.uses = new Map();
      for (const edge of this.film.edges) into(this.uses, edge.from, edge);
    }
    const brought = (this.uses.get(id) || []).map((edge) => ({ edge, brings: this.adjoint(edge.to) * Number(edge.partial) }));
    return brought.sort((a, b) => Math.abs(b.brings) - Math.abs(a.brings));
  }

  /** The whole adjoint of a node. @param {number} id */
  adjoint(id) {
    const { routes, large } = this.player.stages[0].film;
    return large ? large.adjoint(id) : Number(routes.whole?.[id] ?? 0);
  }

  /** Show the path of what was chosen, or put it away. */
  follow() {
    this.path.hidden = !this.path.hidden;
    if (this.path.hidden) return;
    const { look } = this.player;
    this.draw(look.chosen ? [this.fold.result(look.chosen)] : [this.fold.ids[0]]);
  }

  /** The stations from a node on; where another branch was chosen, from there on the largest again. @param {number[]} begun */
  draw(begun) {
    const path = [...begun];
    for (let best = this.shares(path[path.length - 1])[0]; best; best = this.shares(path[path.length - 1])[0]) path.push(best.edge.to);
    const kept = path.length <= MOST_STATIONS ? path : path.filter((id, k) => k < 2 || k + 2 > path.length || k % Math.ceil(path.length / MOST_STATIONS) === 0);
    this.path.replaceChildren(...kept.map((id) => this.station(id, path)));
    this.status.textContent = `${several(path.length, "station")} from ${this.film.names[path[0]]} to ${this.film.names[path[path.length - 1]]}.`;
  }

  /** @param {number} id @param {number[]} path */
  station(id, path) {
    const k = path.indexOf(id);
    const shares = this.shares(id);
    const whole = this.adjoint(id);
    const taken = shares.find(({ edge }) => edge.to === path[k + 1]);
    const share = (/** @type {number} */ brings) => `${wrote(Math.round((100 * brings) / whole), 3)} %`;
    const rest = shares.reduce((sum, { brings }) => sum + brings, 0) - (taken?.brings ?? 0);
    const words = !taken ? "the output" : !whole ? "adjoint 0" : shares.length === 1 ? "one use: all of it" : `own ${share(taken.brings)}, rest ${share(rest)}`;
    const made = make("li", "");
    const name = pusher(read(this.film.names[id]), () => this.go(`n${id}`), "Choose it; the up and down arrow keys take another branch");
    name.onkeydown = (event) => {
      if (!["ArrowUp", "ArrowDown"].includes(event.key) || shares.length < 2) return;
      const turn = shares.findIndex((one) => one === taken) + (event.key === "ArrowDown" ? 1 : -1);
      const next = shares[(turn + shares.length) % shares.length];
      this.draw([...path.slice(0, k + 1), next.edge.to]);
      /** @type {HTMLElement | undefined} */ (this.path.querySelectorAll("button")[[...this.path.children].findIndex((_, j) => j === k)])?.focus();
      this.status.textContent = `${this.film.names[id]}: ${read(this.film.names[next.edge.to])} brings ${share(next.brings)}.`;
      event.preventDefault();
      event.stopPropagation();
    };
    const bar = make("i", "bl-shares");
    const all = shares.reduce((sum, { brings }) => sum + Math.abs(brings), 0) || 1;
    for (const one of shares.slice(0, 12)) {
      const piece = make("b", one === taken ? "bl-own" : "");
      piece.style.width = `${(100 * Math.abs(one.brings)) / all}%`;
      bar.append(piece);
    }
    made.append(name, make("span", "", read(`${wrote(whole)}`)), bar, make("span", "", words));
    return made;
  }
}

/** @type {KeyEntry<Player>[]} */
const FINDING = [
  { keys: "/", says: "find a name, a call or a turn", shift: true, on: { "/": (p) => p.finder?.field.focus() ?? Boolean(p.finder) } },
  {
    keys: "0 … 9",
    says: "find a node by its number",
    on: Object.fromEntries([..."0123456789"].map((digit) => [digit, (/** @type {Player} */ p) => p.finder?.begin(digit) ?? Boolean(p.finder)])),
  },
  { keys: "w", says: "where the sweep is", on: { w: (p) => p.finder?.where() ?? Boolean(p.finder) } },
  { keys: "z", says: "the whole picture at once", on: { z: (p) => p.finder?.whole.click() ?? Boolean(p.finder) } },
  { keys: "l", says: "the path along the largest shares of the chosen node's adjoint", on: { l: (p) => p.finder?.follow() ?? Boolean(p.finder) } },
];
