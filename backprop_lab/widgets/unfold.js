// What only folded graphs need of their parts: how far the steps in each are, and how one is opened and closed.

/** @type {WeakMap<Frame[], {by: Int32Array, part: Uint8Array, parts: string[]}>} */
const DOINGS = new WeakMap();

/** Who does each step of a run (a contribution is its sender's doing, −1 is nobody), and in which part of the run. @param {Frame[]} frames */
function doings(frames) {
  const known = DOINGS.get(frames);
  if (known) return known;
  /** @type {string[]} */
  const parts = [];
  const found = { by: new Int32Array(frames.length), part: new Uint8Array(frames.length), parts };
  frames.forEach(({ by, id, kind, phase }, k) => {
    const name = kind === "seed" ? kind : phase;
    const at = parts.indexOf(name);
    found.by[k] = by ?? id ?? -1;
    found.part[k] = at < 0 ? parts.push(name) - 1 : at;
  });
  DOINGS.set(frames, found);
  return found;
}

/** The positions at which something that is seen has had its turn. @param {Folding} fold @param {Frame[]} frames */
function boxRests({ places }, frames) {
  const { by, part } = doings(frames);
  const found = [];
  for (let k = 1; k < frames.length; k += 1) if (k + 1 === frames.length || places[by[k]] !== places[by[k + 1]] || part[k] !== part[k + 1]) found.push(k);
  return found;
}

/** How many edges are drawn as a line. @param {Folding} fold @param {Key} line */
function manyOn(fold, line) {
  return fold.film.edges.filter(({ from, to }) => `m${fold.home(from)}_${fold.home(to)}` === line).length;
}

/** The keys of a folded graph. @type {KeyEntry<Player>[]} */
const OPENING = [
  { keys: "o", says: "open the chosen stack of sheets; fold the part around the chosen node", shift: true, on: { o: (p) => choosing((look) => look.turn())(p) } },
  { keys: "i", says: "open what the current step is in", on: { i: lookInside } },
];

/**
 * How far the steps inside each folded part are: at a position, the texts of its keys.
 * @param {Pane} film @param {Folding} fold @returns {(to: number) => [Key, string][]}
 */
function insides(film, fold) {
  const boxes = fold.order.filter((key) => key[0] === "g").map((key) => Number(key.slice(1)));
  const { by, part } = doings(film.frames);
  /** @type {Map<number, {steps: Int32Array, ends: Int32Array}>} for each part of the run, its steps box by box, and where each box's end */
  const known = new Map();
  const stepsOf = (/** @type {number} */ phase) => {
    const ends = new Int32Array(fold.parts.length + 1); // at first, where each box's begin
    const here = (/** @type {number} */ k) => (k && part[k] === phase && by[k] >= 0 ? fold.places[by[k]] : -1);
    for (let k = 1; k < by.length; k += 1) if (here(k) >= 0) ends[here(k) + 1] += 1;
    for (let box = 0; box < fold.parts.length; box += 1) ends[box + 1] += ends[box];
    const steps = new Int32Array(ends[fold.parts.length]);
    for (let k = 1; k < by.length; k += 1) if (here(k) >= 0) steps[ends[here(k)]++] = k;
    return { steps, ends };
  };
  return (to) => {
    const phase = part[to];
    if (!known.has(phase)) known.set(phase, stepsOf(phase));
    const { steps, ends } = /** @type {{steps: Int32Array, ends: Int32Array}} */ (known.get(phase));
    return boxes.map((box) => {
      const [first, end] = [box ? ends[box - 1] : 0, ends[box]];
      const done = firstAfter(steps, to, first, end) - first;
      return [`d${box}`, done ? `${done} of ${end - first} steps` : ""];
    });
  };
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
    const wanted = turned(fold, part, on);
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

/** The open parts once one of them is opened or closed. @param {Folding} fold @param {number} part @param {boolean} on */
function turned(fold, part, on) {
  const open = [...fold.open];
  const kept = on ? [...new Set([...open, ...fold.path(part)])] : open.filter((k) => !fold.path(k).includes(part));
  return kept.sort((a, b) => a - b);
}

/** The first thing that is seen in an open part. @param {Folding} fold @param {number} part */
function firstIn(fold, part) {
  return fold.order.find((key) => fold.path(fold.around(key)).includes(part)) ?? null;
}

/** What to say when a part has been opened or closed. @param {Folding} fold @param {number} part @param {boolean} on */
function account(fold, part, on) {
  const { label } = fold.parts[part];
  if (!on) return `${label} is folded.`;
  const inside = fold.order.filter((key) => fold.path(key[0] === "g" ? Number(key.slice(1)) : fold.around(key)).includes(part));
  const boxes = inside.filter((key) => key[0] === "g").length;
  const seen = [boxes && several(boxes, "folded part"), inside.length - boxes && several(inside.length - boxes, "node")].filter(Boolean);
  return `${label} is open: ${seen.join(" and ")}. The sign in the corner of its frame folds it.`;
}

/** Open what the current step is in. @param {Player} player */
function lookInside(player) {
  const box = player.at > 0 ? player.fold.doer(player.film.frames[player.at]) : "";
  if (box && box[0] === "g") player.unfold(Number(box.slice(1)), true);
  else player.look.say(player.at > 0 ? "This step is in sight: nothing is folded around it." : "No step has been made yet.");
}

/** Show pictures with other parts open. @param {Player} player @param {Scene} scene */
function showScene(player, scene) {
  const { fold, look, stages } = player;
  fold.set(scene.open);
  stages.forEach((s, k) => s.open(scene.svgs[k]));
  const { asks, turns, waits } = scene.svgs[0];
  if (asks) Object.assign(player.film, { asks, turns, waits });
  player.mount();
  player.arrange();
  player.pace.swap();
  look.swapped(null);
  player.show(player.at);
  for (const { view } of player.views) view.refresh?.();
  if (!player.turned) return;
  if (player.wanted) {
    player.reach(player.wanted);
    player.turned = player.wanted = null;
    return;
  }
  const { part, on, byKey } = player.turned;
  const first = firstIn(fold, part);
  if (byKey) look.swapped(on ? first : `g${part}`);
  else look.say(account(fold, part, on));
  player.follow(...(on ? [`f${part}`, first ?? ""] : [`g${part}`])); // what was turned is looked at, not the step
  player.turned = null;
}
