// Choosing nodes and edges on the stages, by mouse or keys, and saying in one line what they are. What is chosen is named
// as in fold.js: `n3`, or `g5` for a folded part.

/** Which nodes some nodes lead to: along the edges, or against them. Edges stand in the order of the nodes that they lead to. @param {Edge[]} edges @param {number} count of nodes @param {number[]} ids @param {boolean} back */
function reached(edges, count, ids, back) {
  const [found, met] = [new Uint8Array(count), new Uint8Array(count)];
  for (const id of ids) met[id] = 1;
  for (let k = 0; k < edges.length; k += 1) {
    const { from, to } = edges[back ? edges.length - 1 - k : k];
    const [here, there] = back ? [to, from] : [from, to];
    if (met[here]) met[there] = found[there] = 1;
  }
  return found;
}

/** The edge under the pointer. @param {EventTarget | null} target @returns {Key | null} */
function lineAt(target) {
  const over = /** @type {Element} */ (target).closest("[data-edge], [data-wire]");
  return over && (over.getAttribute("data-wire") || `e${over.getAttribute("data-edge")}`);
}

class Inspector {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.film = player.film;
    this.fold = player.fold;
    this.stages = player.stages;
    this.element = make("div", "bl-inspect");
    this.words = make("span", "bl-inspect-words");
    this.said = "";
    this.spoken = make("span", "bl-hidden"); // what was asked for is read aloud; a step is, too, and must be the only thing
    this.spoken.setAttribute("aria-live", "polite");
    this.actions = make("span", "bl-inspect-actions");
    this.element.append(this.words, this.actions, this.spoken);
    this.numbers = this.stages.some((s) => s.heat) || this.film.edges.some(({ rule }) => rule) ? new HeatPanel(this.film, this.stages) : null;
    this.hint = `Choose a node to see what it comes from and where it leads; point at an edge for its local partial.${this.fold.folded ? " A stack of sheets is a part of the graph: click it, or choose it with n and press o, to open it." : ""}`;
    /** @type {Key | null} */
    this.chosen = null;
    /** @type {Key | null} an edge of what is chosen, by keys */
    this.edge = null;
    this.kin = { before: new Set(), after: new Set() }; // of what is chosen, where they are seen
    this.marks = new Lights();
    for (const s of this.stages) this.listen(s);
    this.clear();
  }

  /** @param {Stage} s */
  listen(s) {
    s.canvas.addEventListener("mouseover", (event) => {
      const over = lineAt(event.target);
      if (!over || this.edge !== null) return;
      for (const group of this.marks.with("bl-pointed")) group.classList.remove("bl-pointed");
      this.describe(over);
    });
    s.canvas.addEventListener("mouseout", (event) => {
      if (lineAt(event.target) && this.edge === null) this.choose(this.chosen);
    });
    s.canvas.addEventListener("click", ({ target }) => {
      const on = /** @type {Element} */ (target);
      if (on.closest("form")) return; // a box for a prediction
      if (this.player.root.dataset.picking) return; // this click answers whose turn it is
      const [node, box, close] = ["node", "group", "close"].map((kind) => on.closest(`[data-${kind}]`)?.getAttribute(`data-${kind}`));
      if (close || box) {
        this.player.unfold(Number(close || box), !close);
        return;
      }
      if (node) this.choose(`n${node}` === this.chosen ? null : `n${node}`);
      else if (!lineAt(on)) this.choose(null);
      this.spoken.textContent = this.chosen === null ? "" : this.said;
    });
  }

  clear() {
    this.marks.off();
    for (const s of this.stages) for (const badge of s.svg.querySelectorAll(".bl-badge")) badge.remove();
    this.actions.replaceChildren();
    this.write(this.hint);
    this.element.classList.add("bl-idle"); // the legend stands in its place
    this.spoken.textContent = "";
  }

  /** Choose what has this key; null lets go. @param {Key | null} key */
  choose(key) {
    if (key !== null && key !== this.chosen && key[0] === "n") this.player.picked(this.fold.result(key));
    this.edge = null;
    this.chosen = key;
    this.clear();
    this.numbers?.show(key === null ? null : this.fold.result(key));
    this.element.classList.toggle("bl-idle", key === null);
    if (key === null) return;
    this.mark(key);
    this.tell(key);
    this.offer(key);
  }

  /** Where nodes are seen, one place left out. @param {Uint8Array} met @param {Key} key */
  seenAt(met, key) {
    const { ids, places } = this.fold;
    const found = new Set([...new Set(ids.filter((id) => met[id]).map((id) => places[id]))].map((place) => keyOfPlace(place)));
    found.delete(key);
    return found;
  }

  /** Mark what leads to the chosen node and what comes from it, with the edges between. @param {Key} key */
  mark(key) {
    const { edges, rows } = this.film;
    const { places } = this.fold;
    const inside = this.fold.inside(key);
    const [before, after] = [true, false].map((back) => reached(edges, rows.length, inside, back));
    const [own] = inside.map((id) => places[id]);
    this.kin = { before: this.seenAt(before, key), after: this.seenAt(after, key) };
    const few = this.kin.before.size + this.kin.after.size <= 60;
    const name = this.fold.label(key);
    /** @type {[Set<Key>, string, string][]} */
    const sides = [[this.kin.before, "bl-before", `leads to ${name}`], [this.kin.after, "bl-after", `comes from ${name}`]];
    for (const s of this.stages) {
      this.marks.on(s.svg, "bl-choosing");
      this.marks.on(s.groups.get(key), "bl-chosen");
      for (const [others, kind, says] of sides) {
        for (const other of others) {
          this.marks.on(s.groups.get(other), kind);
          if (few) this.badge(s.groups.get(other), says);
        }
      }
      const lit = new Set(); // of lines that stand for several edges, those that are done
      for (const edge of edges) {
        const [from, to] = [places[edge.from], places[edge.to]];
        const leads = before[edge.from] && (before[edge.to] || to === own);
        if (from === to || !(leads || ((after[edge.from] || from === own) && after[edge.to]))) continue;
        const line = from < 0 && to < 0 ? edge.id : from * edges.length + to;
        if (lit.has(line)) continue;
        lit.add(line);
        this.marks.on(s.groups.get(this.fold.lineOf(edge) ?? ""), "bl-kin");
      }
    }
  }

  /** A word below a node. @param {SVGElement | undefined} group @param {string} text */
  badge(group, text) {
    const box = /** @type {SVGGraphicsElement | undefined} */ (group?.querySelector(".bl-shape") ?? undefined)?.getBBox();
    if (!group || !box) return;
    const y = box.y + box.height + (group.classList.contains("bl-output") ? 19 : 14);
    group.append(draw("text", "bl-badge", { x: box.x + box.width / 2, y }, read(text)));
  }

  /** What can be done with what is chosen. @param {Key} key */
  offer(key) {
    const { player, fold, film } = this;
    const part = fold.around(key);
    const id = fold.result(key);
    const offers = [
      key[0] === "g" && pusher("open", () => player.unfold(Number(key.slice(1)), true)),
      pusher("go to its value", () => player.jump(id, "value")),
      film.second && pusher(`go to its ${this.stages.length > 1 ? "adjoint" : film.second}`, () => player.jump(id, "derivative")),
      part && pusher(`fold ${read(fold.parts[part].label)}`, () => player.unfold(part, false)),
      pusher("close", () => this.choose(null)),
    ];
    this.actions.append(...offers.filter((made) => made instanceof Element));
  }

  /** Names of places, in the order of the nodes. @param {Set<Key>} keys */
  list(keys) {
    const names = this.fold.order.filter((key) => keys.has(key)).map((key) => this.fold.label(key));
    return listed(names.length > 12 ? [...names.slice(0, 12), `${names.length - 12} more`] : names) || "nothing";
  }

  /** Say what is chosen, with its numbers at this step. @param {Key} key */
  tell(key) {
    const { fold, film } = this;
    const id = fold.result(key);
    const name = film.names[id];
    const row = film.rows[id];
    const whole = this.stages.map((s) => [s.film.second, s.shown(`a${id}`)]).filter(([second, text]) => second && text);
    const derivative = whole.map(([second, text]) => `, ${second} ${text} (the whole derivative)`).join("");
    const is = row.is === name ? name : `${name}: ${row.is}`;
    const size = key[0] === "g" ? `${fold.label(key)}: ${fold.size(key)}, folded. ${fold.part(key).kind === "list" ? "The last" : "Its result"} is ` : "";
    this.write(`${size}${is}${derivative}. It depends on ${this.list(this.kin.before)}; it influences ${this.list(this.kin.after)}.`);
  }

  /** Say what an edge is. @param {Key} key */
  describe(key) {
    const { film, fold } = this;
    this.element.classList.remove("bl-idle");
    for (const s of this.stages) this.marks.on(s.groups.get(key), "bl-pointed");
    const found = fold.edge(key);
    if (!found) {
      const ends = key.slice(1).split("_").map((end) => fold.label(end)).join(" → ");
      const uses = manyOn(fold, key);
      this.write(`${several(uses, "edge")} ${ends}. Open the folded part to see ${uses > 1 ? "each with its" : "it with its"} local partial.`);
      return;
    }
    const number = this.stages[0].shown(`w${key.slice(1)}`);
    const value = number ? ` = ${number}` : "; its number is not known yet";
    const formula = film.live?.fill(found.formula) ?? found.formula;
    const simple = formula.endsWith(`= ${number}`);
    const way = `The edge ${film.names[found.from]} → ${film.names[found.to]}`;
    if (!number && (film.asks || film.mystery)) {
      this.write(`${way}: its local partial is still to be found.`);
      return;
    }
    if (found.rule) this.write(`${way} in the reverse sweep: ${found.rule}, one step, not the whole derivative. ${found.words}`);
    else this.write(`${way} has the local partial ${formula}${simple ? "" : value}: one step, not the whole derivative.`);
  }

  /** The next or previous node. @param {number} by */
  next(by) {
    const { order } = this.fold;
    const here = order.indexOf(this.chosen ?? "");
    this.choose(order[(here + by + order.length + (here < 0 && by < 0 ? 1 : 0)) % order.length]);
  }

  /** The next or previous edge of the chosen node. @param {number} by */
  nextEdge(by) {
    const here = this.chosen;
    if (here === null) return false;
    const at = (/** @type {number} */ id) => this.fold.seen(`n${id}`) === here;
    const lines = this.film.edges.filter((e) => at(e.from) || at(e.to)).map((e) => this.fold.seen(e.id));
    const touching = [...new Set(lines)].filter((line) => line !== null);
    if (!touching.length) return true;
    const was = this.edge;
    this.choose(here);
    this.edge = was === null ? touching.at(by > 0 ? 0 : -1) ?? null : touching[(touching.indexOf(was) + by + touching.length) % touching.length];
    if (this.edge) this.describe(this.edge);
    return true;
  }

  letGo() {
    if (this.chosen === null && this.edge === null) return false;
    this.choose(null);
    return true;
  }

  /** Open the chosen part, or fold the one around the chosen node. */
  turn() {
    const key = this.chosen;
    if (key === null) return false;
    const part = key[0] === "g" ? Number(key.slice(1)) : this.fold.around(key);
    if (part) this.player.unfold(part, key[0] === "g", true);
    return true;
  }

  /** Open the chosen part, or go to the chosen node's derivative. */
  enter() {
    if (this.chosen === null) return false;
    if (this.chosen[0] === "g") return this.turn();
    this.player.jump(this.fold.result(this.chosen), "derivative");
    return true;
  }

  /** The numbers have changed: say them again. */
  refresh() {
    if (this.chosen === null) {
      this.element.classList.add("bl-idle");
      return;
    }
    this.numbers?.show(this.fold.result(this.chosen));
    this.tell(this.chosen);
    if (this.edge !== null) this.describe(this.edge);
  }

  /** What is seen has subscripts; what is read aloud has v1, which is no letter and a sign. @param {string} text */
  write(text) {
    this.said = text;
    this.words.textContent = read(text);
  }

  /** @param {string} text */
  say(text) {
    this.element.classList.remove("bl-idle"); // else it would only be heard
    this.write(text);
    this.spoken.textContent = text;
  }

  /** Say aloud what stands there, because a key asked for it. */
  aloud() {
    this.spoken.textContent = this.said;
  }

  /** Other parts are open: the marks were on the old picture. What was opened leads to what is in it, and back. @param {Key | null} key */
  swapped(key) {
    this.marks = new Lights();
    this.choose(key);
  }
}
