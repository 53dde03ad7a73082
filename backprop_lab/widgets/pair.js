// Two graphs one above the other that have no room for both: one of them is seen, and of the other the line with its costs.

class Pair {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.now = 0; // the graph that is seen
    this.turns = false;
    this.names = ["forward mode", "reverse mode"];
    player.panes.forEach((pane, k) => {
      const show = pusher(`show ${this.names[k]}`, () => this.turn(k), "Show this graph in place of the other one (t)");
      show.classList.add("bl-pair-show");
      pane.append(show);
    });
  }

  /** One above the other, or side by side. @param {boolean} broad */
  stand(broad) {
    const theatre = this.player.panes[0].parentElement;
    theatre?.classList.add("bl-pair");
    theatre?.classList.toggle("bl-broad", broad);
  }

  /** See both; or one at a time, where both would be cut and one is not. */
  share() {
    const { panes } = this.player;
    const cut = () => panes.some((pane) => {
      const box = /** @type {Element} */ (pane.querySelector(".bl-picture"));
      return box.scrollHeight > box.clientHeight + 1;
    });
    this.set(false);
    if (!panes[0].parentElement?.classList.contains("bl-broad") || !cut()) return;
    this.set(true);
    if (cut()) this.set(false);
  }

  /** @param {boolean} turns */
  set(turns) {
    this.turns = turns;
    const { panes } = this.player;
    panes[0].parentElement?.classList.toggle("bl-turns", turns);
    panes.forEach((pane, k) => pane.classList.toggle("bl-pane-away", turns && k !== this.now));
  }

  /** See another graph. @param {number} k */
  turn(k) {
    const { player } = this;
    if (!this.turns) return false;
    this.now = k;
    this.set(true);
    if (!player.root.matches(":focus")) focusPlayer(player.main);
    player.look.say(`You see the graph of ${this.names[k]}.`);
    player.follow();
    return true;
  }

  /** The one that is done gives way to the one that goes on. @param {Frame} frame */
  show({ both }) {
    if (!this.turns || !both || both[this.now].formula || !both[1 - this.now].formula) return;
    this.now = 1 - this.now;
    this.set(true);
  }
}

/** @type {KeyEntry<Player>} */
const TURNING = { keys: "t", says: "the other graph, where there is room for one of the two", on: { t: ({ pair }) => pair?.turn(1 - pair.now) ?? false } };
