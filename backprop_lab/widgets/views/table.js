// The view `table`: the nodes that are seen, with their numbers. Shut, it is still there for screen readers.

const MOST_BESIDE = 21; // letters of a row for which there is room beside the graph; more, and the column "is" makes room

class NodeTable {
  /** @param {Player} player @param {Mine} mine */
  constructor(player, mine) {
    this.player = player;
    this.mine = mine;
    this.film = player.film;
    /** @type {[string, string, Stage][]} letter of a key, title, and the stage that writes it */
    this.columns = [["p", "value", player.stages[0]]];
    for (const s of player.stages) if (s.film.second) this.columns.push(["a", s.film.second, s]);
    /** @type {Map<Key, HTMLElement>} */
    this.rows = new Map();
    this.lights = new Lights();
    this.element = scroller("bl-sheet", "table of nodes"); // it may scroll
    this.unseen = make("div", "bl-hidden bl-unseen");
    const { made, head, body } = tableOf("bl-table", "Nodes with their numbers at this step");
    const top = make("tr", "");
    for (const title of ["node", "is", ...this.columns.map(([, title]) => title), ...(this.film.theirs ? ["theirs"] : [])]) top.append(heading("col", title, `bl-col-${title}`));
    head.append(top);
    this.grid = made;
    this.body = body;
    this.element.append(made);
    this.fill();
  }

  /** Rows for what is seen. */
  fill() {
    this.order = this.player.fold.order;
    this.rows = new Map(this.order.map((key) => [key, this.row(key)]));
    this.grid.classList.toggle("bl-long", this.letters(this.order) > MOST_BESIDE);
    this.body.replaceChildren(...this.rows.values());
  }

  /** How many letters stand in a row at most, when all numbers have come: each column's longest. @param {Key[]} order */
  letters(order) {
    const longest = (/** @type {string[]} */ texts) => Math.max(0, ...texts.map((text) => text.length));
    const numbers = this.columns.map(([kind, , s]) => {
      const texts = atEnd(s.film);
      return longest(order.map((key) => texts(`${kind}${this.player.fold.result(key)}`)));
    });
    numbers.push(longest(order.map((key) => this.film.theirs?.[this.player.fold.result(key)]?.[0] ?? "")));
    return numbers.reduce((sum, n) => sum + n, Math.min(16, longest(order.map((key) => this.player.fold.label(key)))));
  }

  /** @param {Key} key */
  row(key) {
    const { film, player: { fold } } = this;
    const tr = make("tr", "");
    tr.dataset.k = key;
    const folded = key[0] === "g";
    const id = fold.result(key);
    const says = folded ? `${fold.size(key)}, ${fold.part(key).kind === "list" ? "the last" : "result"} ${film.names[id]}` : film.rows[id].is;
    const name = heading("row", read(fold.label(key)), "bl-col-node");
    const is = make("td", "bl-col-is", read(says));
    name.title = fold.label(key); // in full, where the column cuts it
    is.title = says;
    if (!folded) is.append(make("span", "bl-hidden", this.seenInThePicture(id)));
    tr.append(name, is);
    for (const [kind, title, s] of this.columns) {
      const cell = make("td", `bl-col-${title}`);
      const number = make("span", kind === "p" ? "bl-value" : "bl-adjoint", "");
      number.dataset.k = `${kind}${id}`;
      s.cells(number.dataset.k, number);
      cell.append(number);
      tr.append(cell);
    }
    if (film.theirs) tr.append(this.theirs(id));
    return tr;
  }

  /** The gradient that somebody else's code has of a node, and whether it is another than ours. @param {number} id */
  theirs(id) {
    const [text, differs] = this.film.theirs?.[id] ?? ["", false];
    const cell = make("td", `bl-col-theirs${differs ? " bl-differs" : ""}`, read(text));
    if (differs) cell.append(make("span", "bl-hidden", "; differs from ours"));
    return cell;
  }

  /** What shapes and arrows say of a node, for who hears the table: an output, what it depends on. @param {number} id */
  seenInThePicture(id) {
    const { player, film: { names } } = this;
    const from = [...new Set(player.fold.leading(id).map((edge) => names[edge.from]))];
    const output = player.stages[0].groups.get(`n${id}`)?.classList.contains("bl-output");
    return [from.length ? `; operation, depends on ${listed(from)}` : "", output ? "; output" : ""].join("");
  }

  /** @param {boolean} big */
  arrange(big) {
    if (this.order !== this.player.fold.order) this.fill();
    (this.mine.open && !big ? this.element : this.unseen).append(this.grid);
  }

  /** @param {Lit} lit */
  light(lit) {
    for (const [key, names] of Object.entries(lit)) {
      const row = key[0] === "n" && this.rows.get(this.player.fold.seen(key) ?? "");
      if (row) for (const name of names) this.lights.on(row, name);
    }
  }

  dark() {
    this.lights.off();
  }

  follow() {
    keepInView(this.element, this.lights.with("bl-write")[0]);
  }
}

VIEWS.push({
  name: "table",
  label: "table",
  place: 1,
  make: (player, mine) => new NodeTable(player, mine),
});
