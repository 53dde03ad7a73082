// A mystery: which rule of the sweep is broken? A list to choose from, by pointer or by the keys 1 to 6; a wrong choice
// is struck out with a number that it would have given, the right one leads to where it first mattered. What the
// inputs say when they are moved can be asked for. All of it comes from film/mystery.py and goes into the predictions.
// Where the page follows other inputs, it plays the broken sweeps itself and says the same of them.

/** A reverse sweep with a rule broken, in the steps of the right one. @param {LivePane} take @param {BrokenRule} rule @returns {BrokenSweep} */
function brokenSweep({ moves, live }, { seed, sends, gather, passes }) {
  const { partials } = live.now;
  /** @type {BrokenSweep} */
  const { steps, bars, passed } = { steps: [], bars: [], passed: [] };
  /** @type {number[][]} what has arrived at each node */
  const came = [];
  const among = (/** @type {number[]} */ list, bar = NaN) => (/** @type {string} */ name) => (name === "b" ? bar : list[Number(name.slice(1))]);
  const gathered = (/** @type {number[]} */ list) => (gather[list.length] ? worth(gather[list.length], among(list)) : list.reduce((a, b) => a + b, 0));
  const passOn = (/** @type {number} */ id) => {
    if (passed[id] !== undefined) return passed[id];
    const list = came[id] ?? [];
    bars[id] = gathered(list);
    passed[id] = passes[list.length] ? worth(passes[list.length], among(list, bars[id])) : bars[id];
    return passed[id];
  };
  moves.forEach(({ sign, id, child, slot }, k) => {
    if (!sign || sign === "v") return;
    const list = (came[id] ??= []);
    if (sign === "s") list.push(worth(seed, (name) => live.known(name)));
    if (sign === "c") {
      const q = passOn(child);
      const sent = sends[`${child}_${slot}`];
      list.push(sent ? worth(sent, (name) => (name === "q" ? q : live.known(name))) : q * partials[child][slot]);
    }
    const before = list.length > 1 ? gathered(list.slice(0, -1)) : 0;
    steps[k] = { before, amount: list[list.length - 1], after: sign === "c" && list.length > 1 ? before : gathered(list) };
  });
  live.tape.code.forEach((_, id) => passOn(id));
  return { steps, bars, passed };
}

/** Whether two numbers, or all of two arrays, are the same, as mistakes/sweep.py has it. @param {any} a @param {any} b @param {number} tolerance @returns {boolean} */
function agrees(a, b, tolerance) {
  if (Array.isArray(a)) return a.every((x, k) => agrees(x, b[k], tolerance));
  const bound = Math.max(tolerance * Math.max(Math.abs(a), Math.abs(b)), 1e-12);
  return a === b || (Math.abs(a - b) <= bound && bound < Infinity);
}

/** What is to be said of a mystery at the inputs that there are now. @param {LivePane} take @param {MysteryData} data @param {PlayedMystery} played @returns {MysteryData} */
function mysteryAt(take, data, { rules, bars: places, right: rights, checks, says, same, nowhere, seen, exact }) {
  const { live, moves, right, steps } = take;
  /** @type {(x: Numbers) => boolean} of an array, where its sweep has left a domain, the engine goes on by the right slope */
  const finite = (x) => !places || flat(x).every(Number.isFinite);
  /** @type {(k: number) => Record<number, Numbers>} */
  const barsOf = (k) => (places ? Object.fromEntries(Object.entries(places[k]).map(([id, own]) => [id, gathered(own, live.played)])) : brokenSweep(take, rules[k]).bars);
  const bars = barsOf(data.answer);
  const claims = data.claims.map((claim, k) => {
    if (k === data.answer) return claim;
    const would = barsOf(k);
    const check = checks.find(([id]) => finite(would[id]) && !agrees(would[id], bars[id], seen));
    return { ...claim, refuted: check ? worded(check[1], compared(would[check[0]], bars[check[0]])) : same };
  });
  const made = (/** @type {StepNumbers<any>} */ step, /** @type {number} */ k) => (moves[k].sign === "c" ? step.amount : step.after);
  const belonging = (/** @type {number} */ k) => (rights ? gathered(rights[k - 1] ?? [], live.played) : made(right[k], k));
  const odd = (/** @type {Numbers} */ x) => [x].flat(3).every(Number.isNaN);
  const differ = (/** @type {Numbers} */ a, /** @type {Numbers} */ b) => !agrees(a, b, exact) && !(odd(a) && odd(b));
  const at = steps.findIndex((step, k) => step && differ(made(step, k), belonging(k)));
  const { sign, id, child, slot } = moves[Math.max(at, 0)];
  const [there, belongs] = at < 0 ? ["", ""] : [inCell(made(steps[at], at)), inCell(/** @type {any} */ (belonging(at)))];
  const words = at < 0 ? nowhere : filled(says[at] ?? "", (name) => take.number(name, at, take.pane.frames[at]));
  const found = { at: Math.max(at, 0), key: at < 0 ? "" : `a${id}`, edge: sign === "c" ? `e${child}_${slot}` : "", there, right: belongs, says: words };
  const written = (/** @type {Numbers} */ x) => (typeof x === "number" ? wrote(x) : wroteAll(x));
  const nudges = data.nudges.map(({ name }, input) => {
    const slope = nudged(take, live.data.cells?.nodes[input] ?? input);
    const known = [slope].flat(3).every(Number.isFinite);
    return { name, sweep: written(bars[input]), nudge: known ? written(slope) : "cannot move", agrees: known ? agrees(bars[input], slope, seen) : null };
  });
  return { ...data, claims, found, nudges };
}

/** Two adjoints as a claim is refuted by them; of an array that is not written out the entry where they differ most, and its place. @param {any} would @param {any} there @returns {string[]} */
function compared(would, there) {
  if (typeof would === "number") return ["", wrote(would), wrote(there)];
  const texts = [wroteAll(would), wroteAll(there)];
  if (texts.every((text) => text[0] === "[")) return ["", ...texts];
  const [all, own] = [flat(would), flat(there)];
  const at = all.reduce((most, x, k) => (Math.abs(x - own[k]) > Math.abs(all[most] - own[most]) ? k : most), 0);
  const [, columns] = axesOf(would);
  return [`[${columns === undefined ? at : `${Math.floor(at / columns)}, ${at % columns}`}]`, wrote(all[at]), wrote(own[at])];
}

/** How fast the output changes when an input moves, by differences; of an array each of its entries. @param {LivePane} take @param {Numbers} place @returns {any} */
function nudged(take, place, most = 0) {
  const { live, moves } = take;
  most ||= Math.max(1, ...[place].flat(3).map((k) => Math.abs(live.inputs[Number(k)])));
  if (typeof place !== "number") return place.map((own) => nudged(take, own, most));
  const input = place;
  const node = moves.find(({ sign }) => sign === "s")?.id ?? 0;
  const output = Number(live.data.cells?.nodes[node] ?? node);
  const h = 1e-3 * most;
  const at = (/** @type {number} */ by) => live.tape.play(live.inputs.map((own, k) => (k === input ? own + by : own)), true).values[output] ?? NaN;
  const [near, far] = [h, 2 * h].map((step) => at(step) - at(-step));
  return (8 * near - far) / (12 * h);
}

class Mystery {
  /** @param {Player} player @param {MysteryData} data */
  constructor(player, data) {
    this.player = player;
    this.data = data;
    this.began = performance.now();
    this.solved = false;
    /** @type {Set<number>} claims that are struck out */
    this.struck = new Set();
    /** @type {boolean[]} which inputs have been moved; a player of other inputs begins anew */
    this.moved = data.nudges.map(() => false);
    this.asks = make("div", "bl-mystery-asks");
    this.buttons = data.claims.map(({ says }, k) => this.claim(says, k));
    const list = make("ol", "bl-claims");
    for (const button of this.buttons) {
      const item = make("li", "");
      item.append(button);
      list.append(item);
    }
    this.rows = data.nudges.map((_, k) => this.nudge(k));
    const { made, head, body } = tableOf("bl-nudges", "Each input: what the sweep says, and what the output does when the input is moved a little");
    const top = make("tr", "");
    top.append(...["move", "sweep", "output", ""].map((title) => heading("col", title)));
    head.append(top);
    body.append(...this.rows.map(({ row }) => row));
    this.element = make("section", "bl-mystery");
    this.element.setAttribute("aria-label", "mystery");
    this.more = pusher("more ↓", () => this.scrolls()?.scrollBy({ top: 150 }));
    this.more.classList.add("bl-mystery-more");
    this.more.tabIndex = -1; // by keys one comes to what is below anyway
    this.more.setAttribute("aria-hidden", "true");
    this.element.append(this.asks, list, made, this.more);
    for (const box of [this.element, player.side]) box.addEventListener("scroll", () => this.rest());
    this.found = make("div", "bl-found");
    this.found.setAttribute("aria-hidden", "true"); // the step says it
    this.found.append(make("s", "", read(data.found.there)), make("b", "", read(data.found.right)));
    this.lights = new Lights();
    player.root.dataset.mystery = "open";
    player.stages[0].canvas.append(this.found);
    this.take();
  }

  /** A claim in the list. @param {string} says @param {number} k */
  claim(says, k) {
    const made = make("button", "bl-claim");
    made.type = "button";
    made.dataset.focus = `claim-${k}`;
    const key = make("span", "bl-claim-key", String(k + 1));
    key.setAttribute("aria-hidden", "true");
    made.append(key, make("span", "bl-claim-says", says), make("span", "bl-claim-why"));
    made.addEventListener("click", () => this.choose(k));
    return made;
  }

  /** The row of an input: a button, and what comes of it. @param {number} k */
  nudge(k) {
    const { name } = this.data.nudges[k];
    const row = make("tr", "");
    const button = pusher(read(name), () => this.move(k), `Move ${name} a little, and see how fast the output follows`);
    button.dataset.focus = `nudge-${k}`;
    const cells = [make("td", "bl-nudge-sweep"), make("td", "bl-nudge-output"), make("td", "bl-nudge-says")];
    const first = heading("row", "");
    first.append(button);
    row.append(first, ...cells);
    return { row, cells };
  }

  /** Move an input. @param {number} k */
  move(k) {
    const { name, sweep, nudge, agrees } = this.data.nudges[k];
    this.moved[k] = true;
    this.show();
    const says = agrees === null ? "" : agrees ? " They agree." : " They differ.";
    this.player.look.say(agrees === null ? `${name} cannot be moved there.` : `${name}: the sweep says ${sweep}, and moved a little the output changes at rate ${nudge}.${says}`);
  }

  /** The inputs have moved. */
  renew() {
    const { live } = this.player;
    const take = live?.panes[0];
    if (take && this.data.played && !live?.trouble) this.data = mysteryAt(take, this.data, this.data.played);
    this.found.replaceChildren(make("s", "", read(this.data.found.there)), make("b", "", read(this.data.found.right)));
    this.show();
  }

  /** What was chosen before, here, in another view, or before this page was loaded again. */
  take() {
    const { asks } = this.player;
    const mine = asks.predictions.filter((p) => p.kind === "mystery" && asks.ours(p)).map((p) => Number(p.number) - 1);
    this.solved = mine.includes(this.data.answer);
    this.struck = new Set(mine.filter((k) => k !== this.data.answer));
    this.show();
  }

  /** Take a claim for the answer. @param {number} k */
  choose(k) {
    const { player, data } = this;
    const claim = data.claims[k];
    if (!claim) return false;
    const right = k === data.answer;
    if (right && this.solved) this.look();
    if (this.solved || this.struck.has(k)) return true;
    const tries = this.struck.size + 1;
    const outcome = { right: right && tries === 1, tries, revealed: false, seconds: secondsSince(this.began) };
    player.asks.record(player.at, "", "mystery", { typed: claim.says, number: k + 1, wrong_turn: right ? null : claim.name, ...outcome });
    this.take();
    if (right) this.look();
    else player.sayStep(`Not ${k + 1}. ${claim.refuted}`);
    player.asks.predicted();
    return true;
  }

  /** Go to where the broken rule first mattered. */
  look() {
    const { at, key, says } = this.data.found;
    if (key) this.player.settled(at, `Found. Here it first mattered: ${says} `);
    else this.player.sayStep(`Found. ${says}`);
  }

  /** Write what is known; at the step where the rule first mattered, show the number that belongs there. */
  show() {
    const { data, solved, struck } = this;
    this.asks.textContent = solved ? `Rule ${data.answer + 1} was broken.` : "One rule is broken. Which?";
    this.player.root.dataset.mystery = solved ? "solved" : "open";
    data.claims.forEach(({ refuted }, k) => {
      const button = this.buttons[k];
      const right = solved && k === data.answer;
      button.classList.toggle("bl-claim-wrong", struck.has(k));
      button.classList.toggle("bl-claim-right", right);
      button.toggleAttribute("aria-disabled", false);
      if (struck.has(k) || (solved && !right)) button.setAttribute("aria-disabled", "true");
      const why = /** @type {Element} */ (button.lastElementChild);
      why.textContent = struck.has(k) ? `✗ ${read(refuted)}` : right ? "✓ This one." : "";
    });
    data.nudges.forEach(({ sweep, nudge, agrees }, k) => {
      const [said, output, says] = this.rows[k].cells;
      said.textContent = this.moved[k] ? read(sweep) : "";
      output.textContent = this.moved[k] ? read(nudge) : "";
      says.textContent = !this.moved[k] || agrees === null ? "" : agrees ? "✓ agree" : "✗ differ";
      says.className = `bl-nudge-says ${agrees ? "bl-agree" : "bl-differ"}`;
    });
    this.mark();
  }

  /** Mark the place, if the player stands there and the mystery is solved. */
  mark() {
    const { key, edge, at } = this.data.found;
    const here = this.solved && key !== "" && this.player.at === at;
    const stage = this.player.stages[0];
    this.lights.off();
    this.found.hidden = !here;
    if (!here) return;
    this.lights.on(stage.group(`n${key.slice(1)}`), "bl-broken");
    if (edge) this.lights.on(stage.group(edge), "bl-broken");
    this.place();
  }

  /** The box that has no room for the list. */
  scrolls() {
    return [this.element, this.player.side].find((box) => box.scrollHeight > box.clientHeight + 4);
  }

  /** Say whether there is more of the list below: not everywhere a box shows that it scrolls. */
  rest() {
    const box = this.scrolls();
    this.more.hidden = !box || box.scrollTop + box.clientHeight > box.scrollHeight - 4;
  }

  /** The right number stands below its node, as the box of a question stands on its cell. */
  place() {
    this.rest();
    if (this.found.hidden) return;
    const stage = this.player.stages[0];
    const shape = stage.group(`n${this.data.found.key.slice(1)}`)?.querySelector(".bl-shape");
    if (!shape) return;
    const frame = stage.canvas.getBoundingClientRect();
    const over = shape.getBoundingClientRect();
    const width = this.found.offsetWidth;
    const below = over.bottom - frame.top + 7;
    const room = frame.height - this.found.offsetHeight;
    this.found.style.left = `${Math.max(0, Math.min(over.left + over.width / 2 - frame.left - width / 2, frame.width - width))}px`;
    this.found.style.top = `${below <= room ? below : Math.max(0, over.top - frame.top - this.found.offsetHeight - 7)}px`;
  }
}

/** The keys of a mystery. @param {Mystery} mystery @returns {KeyEntry<Player>} */
function claimKeys(mystery) {
  const on = Object.fromEntries(mystery.buttons.map((_, k) => [String(k + 1), () => mystery.choose(k)]));
  return { keys: `1 to ${mystery.buttons.length}`, says: "the rule that is broken", on };
}
