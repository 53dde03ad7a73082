// The keys: each with its name and what it does in the list of keys. Those of the views stand with them (`views/`).

/** What a key does to the chosen node or edge. @param {(look: Inspector) => unknown} run @returns {(player: Player) => unknown} */
const choosing = (run) => (player) => {
  if (run(player.look) === false) return false;
  player.look.aloud();
  player.pointing.at(player.look.edge ? `w${player.look.edge.slice(1)}` : player.look.chosen);
  return player.follow(player.look.chosen ?? ""); // what was just chosen by keys is what one wants to see
};

/** @type {KeyEntry<Player>[]} */
const STEPPING = [
  {
    keys: "→ ←",
    says: "next and previous step",
    on: { ArrowRight: (p) => p.forward(), ArrowDown: (p) => p.forward(), ArrowLeft: (p) => p.back(), ArrowUp: (p) => p.back() },
  },
  { keys: "Page Down, Page Up", says: "to the end and the start of a phase", on: { PageDown: (p) => p.forward("phase"), PageUp: (p) => p.back("phase") } },
  {
    keys: "b, Shift+b",
    says: "the next step with its numbers blank, for a room that guesses; Shift: every step",
    shift: true,
    on: { b: (p) => p.guess() || p.forward(), B: (p) => p.guessAlways() },
  },
  { keys: "End, Home", says: "to the end and the start", on: { End: (p) => p.go(p.last), Home: (p) => p.go(0) } },
  { keys: "g", says: "how far a step goes: an edge, a node, a phase", on: { g: (p) => p.bar.otherPace() } },
  {
    keys: "n, Shift+n",
    says: "choose the next or the previous node; Enter goes to its derivative",
    shift: true,
    on: { n: choosing((look) => look.next(1)), N: choosing((look) => look.next(-1)), Enter: choosing((look) => look.enter()) },
  },
  {
    keys: "k, Shift+k",
    says: "the parts of the formula, one by one: each is outlined wherever else it stands",
    shift: true,
    on: { k: (p) => p.pointing.next(1), K: (p) => p.pointing.next(-1) },
  },
  {
    keys: "e, Shift+e",
    says: "the edges of the chosen node, one by one",
    shift: true,
    on: { e: choosing((look) => look.nextEdge(1)), E: choosing((look) => look.nextEdge(-1)) },
  },
];

/** The keys of an input's number (inputs.js). @type {KeyEntry<Player>} */
const MOVING = { keys: "↑ ↓, Page Up, Page Down, Home", says: "on an input's number, which can be dragged, too: more and less, ten times as much, back to the start; with Shift a fifth", on: {} };

/** @type {KeyEntry<Player>[]} */
const SHOWING = [
  { keys: "f", says: "projector: only graph and step, full screen", on: { f: (p) => p.project(!p.big) } },
  { keys: "s", says: "settings: mode, inputs, output, seed, motion", on: { s: (p) => p.tools.settings.click() } },
  {
    keys: "Escape",
    says: "let go of the chosen node, leave the projector",
    shift: true,
    on: { Escape: (p) => choosing((look) => look.letGo())(p) !== false || (p.big && p.project(false)) },
  },
];

/** Named on the player itself. @type {KeyEntry<Player>} */
const HELP = { keys: "?", says: "all keys", shift: true, on: { "?": (p) => p.tools.keys.click() } };

/** All keys of a player. @param {Player} player @returns {KeyEntry<Player>[]} */
function keysOf(player) {
  const views = player.views.flatMap((open) => (open.kind.keys || []).map(({ on, ...entry }) => {
    const runs = Object.entries(on).map(([key, run]) => [key, () => open.pressed(run)]);
    return { ...entry, on: Object.fromEntries(runs) };
  }));
  return [...STEPPING, ...(player.fold.folded ? OPENING : []), ...(player.mystery ? [claimKeys(player.mystery)] : []), ...(player.finder ? FINDING : []), ...(player.maps.length ? [MAPPING] : []), ...(player.pair ? [TURNING] : []), ...(player.moves ? [MOVING] : []), ...views, ...SHOWING];
}

/** Whether a key is for the control that has the focus: a list, a slider, a button. @param {Element} control @param {string} key */
function ownKey(control, key) {
  return ((control.tagName === "SELECT" || control.classList.contains("bl-search")) && key !== "Escape")
    || (control.classList.contains("bl-turn") && key.startsWith("Arrow"))
    || ((key === "Enter" || key === " ") && control.closest("button") !== null);
}

/** Listen to the keys while the focus is in the player. @param {Player} player @param {KeyEntry<Player>[]} entries */
function listen(player, entries) {
  player.root.onkeydown = (event) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (ownKey(/** @type {Element} */ (event.target), key)) {
      if (key !== "Tab") event.stopPropagation(); // and not one of the notebook's
      return;
    }
    const entry = [...entries, HELP].find(({ on, shift }) => key in on && (shift || !event.shiftKey));
    if (!entry || entry.on[key](player) === false) return;
    event.preventDefault();
    event.stopPropagation(); // else the notebook's own keys move its selected cell
  };
}
