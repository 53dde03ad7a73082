// A mystery: which rule of the sweep is broken? A list to choose from, by pointer or by the keys 1 to 6; a wrong choice
// is struck out with a number that it would have given, the right one leads to where it first mattered. What the
// inputs say when they are moved can be asked for. All of it comes from film/mystery.py and goes into the predictions.

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
    this.element.append(this.asks, list, made);
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
    const { at, says } = this.data.found;
    this.player.settled(at, `Found. Here it first mattered: ${says} `);
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
    const here = this.solved && this.player.at === at;
    const stage = this.player.stages[0];
    this.lights.off();
    this.found.hidden = !here;
    if (!here) return;
    this.lights.on(stage.group(`n${key.slice(1)}`), "bl-broken");
    if (edge) this.lights.on(stage.group(edge), "bl-broken");
    this.place();
  }

  /** The right number stands below its node, as the box of a question stands on its cell. */
  place() {
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
