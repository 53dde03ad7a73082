// Around the stage: the bar with its strip of phases above it, the legend and the list of keys below it.

const MOST_CELLS = 60; // steps; of more there is one bar for each phase

/** The phases with a cell for each step; under it lies the slider, which has the keys and is what is read aloud. */
class Strip {
  /** @param {Player} player */
  constructor(player) {
    this.element = make("div", "bl-phases");
    this.element.setAttribute("aria-hidden", "true");
    this.at = 0;
    /** @type {HTMLElement[]} a cell for each step */
    this.cells = [];
    let from = 0;
    this.parts = player.film.phases.map(({ name, steps }) => {
      const start = from;
      from += steps;
      const element = make("div", `bl-phase bl-phase-${name.split(" ").pop()}`);
      element.style.flexGrow = String(steps);
      element.title = `${name}: ${several(steps, "step")}`;
      const row = make("div", "bl-cells");
      const cells = Array.from({ length: player.last > MOST_CELLS ? 1 : steps }, () => make("i", "bl-step"));
      const fill = make("b", "bl-fill");
      row.append(...cells);
      if (player.last > MOST_CELLS) cells[0].append(fill);
      else this.cells.push(...cells);
      element.append(make("span", "bl-phasename", name), row);
      this.element.append(element);
      return { element, row, fill, start, steps };
    });
    const go = (/** @type {PointerEvent} */ { clientX }) => {
      const part = this.parts.findLast(({ row }) => row.getBoundingClientRect().left <= clientX) ?? this.parts[0];
      const { left, width } = part.row.getBoundingClientRect();
      const share = Math.max(0, Math.min(0.999, (clientX - left) / width));
      player.go(part.start + 1 + Math.floor(share * part.steps));
    };
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.parts.length) return;
      this.element.setPointerCapture(event.pointerId);
      go(event);
    });
    this.element.addEventListener("pointermove", (event) => this.element.hasPointerCapture(event.pointerId) && go(event));
  }

  /** @param {number} at */
  show(at) {
    for (let k = Math.min(at, this.at); k <= Math.max(at, this.at); k += 1) {
      const cell = this.cells[k - 1];
      if (cell) cell.className = k > at ? "bl-step" : k < at ? "bl-step bl-done" : "bl-step bl-done bl-now";
    }
    this.at = at;
    for (const { element, fill, start, steps } of this.parts) {
      element.classList.toggle("bl-here", at > start && at <= start + steps);
      if (!this.cells.length) fill.style.width = `${(100 * Math.max(0, Math.min(steps, at - start))) / steps}%`;
    }
  }
}

/** The bar: previous and next, the phases, the count, and what else there is behind a button. */
class Bar {
  /** @param {Player} player */
  constructor(player) {
    const { film, mind, last, pace } = player;
    this.player = player;
    this.ends = ""; // which buttons are switched off
    const move = (/** @type {[string, string, string]} */ words, /** @type {() => void} */ run) => {
      const made = button(...words);
      made.addEventListener("click", run);
      return made;
    };
    this.back = [move(["first", "to the start", "Home"], () => player.go(0)), move(["previous", "previous step", "left arrow"], () => player.back())];
    this.on = [move(["next", "next step", "right arrow"], () => player.forward()), move(["last", "to the end", "End"], () => player.go(last))];
    this.on[0].append(make("span", "bl-word", "next"));
    this.slider = make("input", "bl-slider");
    Object.assign(this.slider, { type: "range", min: "0", max: String(last), step: "1", value: "0" });
    this.slider.setAttribute("aria-label", "step");
    this.slider.addEventListener("input", () => {
      player.go(Number(this.slider.value));
      this.slider.value = String(player.at); // it may have stopped at a question
    });
    this.count = make("span", "bl-count"); // no <output>: that would be read aloud beside the step
    this.strip = new Strip(player);
    const track = make("div", "bl-track");
    track.append(this.strip.element, this.slider);
    this.pace = select("step by", pace.choices, mind.pace, (to) => {
      mind.pace = to;
      player.show(player.at);
    });
    this.big = move(["projector", "projector", "f"], () => player.project(!player.big));
    this.more = make("div", "bl-menu");
    this.more.setAttribute("role", "group");
    this.more.setAttribute("aria-label", "more");
    this.more.append(this.back[0], this.on[1], this.pace.box);
    if (film.asks) this.more.append(ticker("predict", "Ask for each number before it is shown", mind.predicts, (on) => player.predict(on)));
    const dots = move(["more", "more", "first, last, step by"], () => this.unfold(!mind.more));
    this.dots = dots;
    this.unfold(mind.more);
    this.element = make("div", "bl-bar");
    this.element.append(this.back[1], this.on[0], track, this.count, dots, this.big);
  }

  /** Show what else there is. @param {boolean} on */
  unfold(on) {
    this.player.mind.more = on;
    this.more.hidden = !on;
    this.dots.setAttribute("aria-expanded", String(on));
  }

  /** The next pace in the list. */
  otherPace() {
    this.pace.list.value = this.player.pace.other();
    this.pace.list.dispatchEvent(new Event("change"));
  }

  /** @param {number} at */
  show(at) {
    const { film, last, root } = this.player;
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", `step ${at} of ${last}, ${film.frames[at].phase}`);
    writeText(this.count, `step ${at} of ${last}`);
    this.strip.show(at);
    const ends = `${at === 0}${at === last}`;
    if (ends === this.ends) return;
    this.ends = ends;
    for (const made of this.back) made.disabled = at === 0;
    for (const made of this.on) made.disabled = at === last;
    // the browser takes the focus from a button that is switched off, and with it the keys
    if ([...this.back, ...this.on].some((made) => made.disabled && made === treeOf(root).activeElement)) root.focus({ preventScroll: true });
  }
}

/** What the colours and shapes mean. @param {Film} film @param {Stage[]} stages */
function legend(film, stages) {
  const seconds = new Set(stages.map((s) => s.film.second));
  const output = film.names[stages[0].film.routes.to] ?? "the output";
  const keys = [["p", "value", "v"]];
  if (seconds.has("tangent")) keys.push(["t", "tangent: how fast it moves as the chosen input moves", "v\u0307"]);
  if (seconds.has("adjoint")) keys.push(["a", `adjoint: how much ${read(output)} moves with it`, "v\u0304"]);
  keys.push(["w", "on an edge: local partial", "∂"], ["input", "input"], ["constant", "constant"], ["output", "output"]);
  if (film.fold) keys.push(["folded", "a part of the graph, folded: its cells show its result"]);
  if (stages.some((s) => s.film.heat?.maps.some((map) => map?.keys))) {
    keys.push(["heat", "an entry of an array: its area is the magnitude; hollow: negative, ×: not a number, triangle: infinite"]);
  }
  const made = make("div", "bl-legend");
  for (const [kind, text, sign] of keys) {
    const item = make("span", "");
    item.append(make("i", `bl-key bl-key-${kind}`, sign), text);
    made.append(item);
  }
  made.append(make("span", "bl-hint", "choose a node or point at an edge for more"));
  return made;
}
