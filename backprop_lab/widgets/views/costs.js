// The view `costs`: what the run has cost so far, in words under each graph; the numbers are made in film/pace.py.

/** Counts of multiplications, additions and function calls in words. @param {number[]} counts */
function work(...counts) {
  const said = ["multiplication", "addition", "function call"].map((word, k) => (counts[k] ? several(counts[k], word) : ""));
  return said.filter(Boolean).join(", ") || "nothing yet";
}

/** @param {Pane} film @param {number} at */
function costWords(film, at) {
  const [vm, va, vf, stored, sweep, m, a, f, zeros] = film.costs[Math.min(at, film.costs.length - 1)];
  const said = [`values: ${work(vm, va, vf)}`];
  if (film.second === "adjoint") {
    said.push(`reverse, ${several(sweep, "sweep")}: ${work(m, a, f)}`, `stored for the way back: ${several(stored, "number")}`);
  }
  if (film.second === "tangent") {
    said.push(`forward, ${several(sweep, "sweep")}: ${work(m, a, f)}`, "stored: nothing");
    if (zeros) said.push(`${zeros === 1 ? "1 tangent of this sweep is" : `${zeros} tangents of this sweep are`} 0`);
  }
  return said;
}

class Costs {
  /** @param {Player} player @param {Mine} mine */
  constructor(player, mine) {
    this.player = player;
    this.mine = mine;
    this.rows = player.panes.map((pane, k) => {
      const made = make("div", "bl-costs");
      pane.append(made);
      return { made, film: player.stages[k].film };
    });
  }

  /** Side by side they are what one compares, so they always stand there. */
  get open() {
    return this.mine.open || Boolean(this.player.film.panes);
  }

  arrange() {
    for (const { made } of this.rows) made.hidden = !this.open;
    if (this.player.at >= 0) this.show(this.player.at);
  }

  /** @param {number} at */
  show(at) {
    if (!this.open) return;
    for (const { made, film } of this.rows) made.replaceChildren(...costWords(film, at).map((text) => make("span", "", read(text))));
  }
}

VIEWS.push({
  name: "costs",
  label: "costs",
  offered: (film) => !film.panes && !film.large,
  make: (player, mine) => new Costs(player, mine),
});
