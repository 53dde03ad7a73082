// Around the stage: the bar with its strip of phases above it, the legend and the list of keys below it.

/** The strip above the slider that says which part of the run is where. */
class Strip {
  /** @param {Player} player */
  constructor(player) {
    this.element = make("div", "bl-phases");
    this.element.setAttribute("aria-hidden", "true"); // the slider says the same to a screen reader
    let from = 0;
    this.parts = player.film.phases.map(({ name, steps }) => {
      const start = from;
      from += steps;
      const part = make("div", `bl-phase bl-phase-${name.split(" ").pop()}`);
      part.style.flexGrow = String(steps);
      const done = make("span", "bl-done");
      part.append(done, make("span", "bl-phasename", name));
      part.title = `${name}: ${several(steps, "step")}`;
      part.addEventListener("click", () => player.go(start + 1));
      this.element.append(part);
      return { done, start, steps };
    });
  }

  /** @param {number} at */
  show(at) {
    for (const { done, start, steps } of this.parts) {
      done.style.width = `${(100 * Math.max(0, Math.min(steps, at - start))) / steps}%`;
    }
  }
}

/** The bar: buttons, slider, count, pace. */
class Bar {
  /** @param {Player} player */
  constructor(player) {
    const { film, mind, last, pace } = player;
    this.player = player;
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
    this.element = make("div", "bl-bar");
    this.element.append(...this.back, ...this.on, track, this.count, this.pace.box);
    if (film.asks) this.element.append(ticker("predict", "Ask for each number before it is shown", mind.predicts, (on) => player.predict(on)));
    this.element.append(this.big);
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
    this.count.textContent = `step ${at} of ${last}`;
    this.strip.show(at);
    for (const made of this.back) made.disabled = at === 0;
    for (const made of this.on) made.disabled = at === last;
    // the browser takes the focus from a button that is switched off, and with it the keys
    if ([...this.back, ...this.on].some((made) => made.disabled && made === document.activeElement)) root.focus({ preventScroll: true });
  }
}

/** What the colours and shapes mean. @param {Film} film @param {Stage[]} stages */
function legend(film, stages) {
  const seconds = new Set(stages.map((s) => s.film.second));
  const output = film.names[stages[0].film.routes.to] ?? "the output";
  const keys = [["p", "value", "v"]];
  if (seconds.has("tangent")) keys.push(["t", "tangent: how fast it moves as the chosen input moves", "v\u0307"]);
  if (seconds.has("adjoint")) keys.push(["a", `adjoint: how much ${output} moves with it`, "v\u0304"]);
  keys.push(["w", "on an edge: local partial", "∂"], ["input", "input"], ["constant", "constant"], ["output", "output"]);
  if (film.fold) keys.push(["folded", "a part of the graph, folded: its cells show its result"]);
  if (stages.some((s) => s.film.heat?.maps.some((map) => map.keys))) {
    keys.push(["heat", "an entry of an array: its area is the magnitude; hollow: negative, ×: not a number, triangle: infinite"]);
  }
  const made = make("div", "bl-legend");
  for (const [kind, text, sign] of keys) {
    const item = make("span", "");
    item.append(make("i", `bl-key bl-key-${kind}`, sign), text);
    made.append(item);
  }
  return made;
}
