// What can stand open beside the graph: code, table, costs, paths, matrices. Each has a file in `views/`, which adds
// itself here; `VIEWS` in page.py says which there are and in which order their buttons stand.

/** @type {ViewKind[]} */
const VIEWS = [];

/** A view in one player: its kind, what it remembers, and its button if it has one. */
class OpenView {
  /** @param {ViewKind} kind @param {Player} player */
  constructor(kind, player) {
    this.kind = kind;
    this.mine = player.mind.views[kind.name];
    this.view = kind.make(player, this.mine);
    this.button = kind.offered && !kind.offered(player.film) ? null : toggle(kind.label, this.mine.open, (on) => {
      this.mine.open = on;
      player.arrange();
      for (const { view } of player.views) view.refresh?.();
    });
  }

  /** A key of this view; the first press opens it. @param {(view: View) => unknown} run */
  pressed(run) {
    if (this.mine.open) run(this.view);
    else this.button?.click();
  }
}

/** What all views of a new player remember. @param {string[]} open those that stand open at first */
function remembered(open) {
  return Object.fromEntries(VIEWS.map(({ name, remembers }) => [name, { ...remembers, open: open.includes(name) }]));
}
