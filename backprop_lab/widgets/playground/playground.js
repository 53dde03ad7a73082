// The playground: a surface, runs on it, one clock for all. Read first: `Playground` has a part for each thing on the page
// and tells all of them to show. What is dragged is computed anew for each frame that is painted, in the page.

ICONS.play = "M5 3l12 7-12 7z";
ICONS.pause = "M6 4v12M14 4v12";
ICONS.keyboard = "M2 5h16v10H2zM5 8h1M9 8h1M13 8h1M5 12h10";
FILLED.add("play");
const PLAYED = 100; // frames of a whole run, at most
const BEAT = 110; // milliseconds between them

/** @type {KeyEntry<Playground>[]} */
const PLAYGROUND_KEYS = [
  { keys: "→ ←", says: "next and previous step", on: { ArrowRight: (p) => p.go(p.at + 1), ArrowDown: (p) => p.go(p.at + 1), ArrowLeft: (p) => p.go(p.at - 1), ArrowUp: (p) => p.go(p.at - 1) } },
  { keys: "Page Down, Page Up", says: "ten steps", on: { PageDown: (p) => p.go(p.at + 10), PageUp: (p) => p.go(p.at - 10) } },
  { keys: "End, Home", says: "to the end and the start", on: { End: (p) => p.go(p.last), Home: (p) => p.go(0) } },
  { keys: "p", says: "play, and stop", on: { p: (p) => p.play(!p.playing) } },
  { keys: "+ −", says: "a larger and a smaller rate", shift: true, on: { "+": (p) => p.scale(1.25), "=": (p) => p.scale(1.25), "-": (p) => p.scale(0.8) } },
  { keys: "m, Shift+m", says: "the next and the previous method", shift: true, on: { m: (p) => p.other(1), M: (p) => p.other(-1) } },
  { keys: "a", says: "add a run: a copy of this one, to change", on: { a: (p) => p.add() } },
  { keys: "x", says: "take the chosen run away", on: { x: (p) => p.remove(p.chosen) } },
  { keys: "1 2 3 …", says: "choose a run", on: Object.fromEntries([1, 2, 3, 4, 5, 6].map((k) => [String(k), (/** @type {Playground} */ p) => k <= p.runs.length && p.choose(k - 1)])) },
  { keys: "s", says: "to the start's mark, which the arrows then move; Home puts it back", on: { s: (p) => p.relief.knob.group.focus() } },
  { keys: "w", says: "show or hide the way ahead", on: { w: (p) => p.foresee(!p.mind.ahead) } },
  { keys: "f", says: "projector: the pictures and the runs, full screen", on: { f: (p) => p.project(!p.big) } },
  { keys: "Escape", says: "leave the projector", on: { Escape: (p) => p.big && p.project(false) } },
  { keys: "?", says: "all keys", shift: true, on: { "?": (p) => p.unfold() } },
];

class Playground {
  /** @param {HTMLElement} root @param {SurfaceData} surface @param {GroundMind} mind @param {RunData[]} runs @param {number} chosen @param {number} last @param {(what: Record<string, any>) => void} report */
  constructor(root, surface, mind, runs, chosen, last, report) {
    this.root = root;
    this.surface = surface;
    this.mind = mind;
    this.last = last;
    this.report = report;
    this.terrain = new Terrain(surface);
    this.at = 0;
    this.playing = 0;
    this.waiting = 0; // for the frame that is painted next
    this.telling = 0; // until what moved is said
    this.sized = ""; // what the sizes were made for
    /** @type {Run2[]} */
    this.runs = [];
    this.chosen = 0;
    this.first = runs[0].start.map(Number);
    this.batches = [...new Set(runs.map(({ batch }) => batch))].concat(surface.rows.length ? [1, ...(surface.rows.length > 16 ? [8] : [])] : []).filter(Boolean).sort((a, b) => a - b);
    this.take(runs, chosen);
    this.relief = surface.names.length === 2 ? new Chart2(this) : new Chart1(this);
    this.losses = new Losses(this);
    this.desk = new Desk(this);
    this.build();
    this.listen();
    this.watch = new ResizeObserver(() => this.settle());
    this.watch.observe(root);
    root.onfullscreenchange = () => {
      if (treeOf(root).fullscreenElement !== root && this.big) this.project(false);
    };
  }

  get run() {
    return this.runs[this.chosen];
  }

  /** The size of the chosen run's batch, if its gradients are noisy. */
  get doubting() {
    const { batch } = this.run;
    return batch && batch < this.surface.rows.length ? batch : 0;
  }

  // ---- the page

  build() {
    const { root, relief, losses, desk, surface } = this;
    root.classList.add("bl-descent");
    root.tabIndex = 0;
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", `Descent on ${surface.name}. Arrow keys step, s goes to the start's mark, plus and minus change the rate, the question mark lists all keys.`);
    this.bar = this.barOf();
    this.sentence = make("div", "bl-sentence");
    this.live = make("div", "bl-hidden");
    this.live.setAttribute("role", "status");
    this.main = make("div", "bl-grounds");
    const side = make("div", "bl-beside");
    side.append(losses.element, desk.element);
    this.main.append(relief.element, side);
    this.legend = make("div", "bl-legend");
    this.keys = keyList(PLAYGROUND_KEYS);
    this.keys.hidden = !this.mind.keys;
    root.replaceChildren(this.bar, this.sentence, this.live, this.main, this.legend, this.keys);
  }

  barOf() {
    const bar = make("div", "bl-bar");
    const move = (/** @type {string} */ icon, /** @type {string} */ label, /** @type {string} */ key, /** @type {() => void} */ run) => {
      const made = button(icon, label, key);
      made.addEventListener("click", run);
      return made;
    };
    this.back = [move("first", "to the start", "Home", () => this.go(0)), move("previous", "previous step", "left arrow", () => this.go(this.at - 1))];
    this.on = [move("next", "next step", "right arrow", () => this.go(this.at + 1)), move("last", "to the end", "End", () => this.go(this.last))];
    this.on[0].append(make("span", "bl-word", "step"));
    this.player = move("play", "play", "p", () => this.play(!this.playing));
    this.slider = Object.assign(make("input", "bl-turn bl-clock"), { type: "range", min: "0", max: String(this.last), step: "1", value: "0" });
    this.slider.setAttribute("aria-label", "step");
    this.slider.addEventListener("input", () => this.go(Number(this.slider?.value)));
    this.count = make("span", "bl-count");
    this.large = move("projector", "projector", "f", () => this.project(!this.big));
    this.asks = move("keyboard", "all keys", "?", () => this.unfold());
    this.asks.setAttribute("aria-expanded", String(this.mind.keys));
    bar.append(...this.back, this.on[0], this.player, this.on[1], this.slider, this.count, this.asks, this.large);
    return bar;
  }

  unfold() {
    this.mind.keys = !this.mind.keys;
    if (this.keys) this.keys.hidden = !this.mind.keys;
    this.asks?.setAttribute("aria-expanded", String(this.mind.keys));
  }

  listen() {
    this.root.onkeydown = (event) => {
      const { key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = /** @type {HTMLElement} */ (event.target);
      const own = (target.tagName === "SELECT" && key !== "Escape") || (target.classList.contains("bl-turn") && /^(Arrow|Page|Home|End)/.test(key)) || ((key === "Enter" || key === " ") && target !== this.root);
      if (own) {
        event.stopPropagation();
        return;
      }
      const entry = PLAYGROUND_KEYS.find(({ on, shift }) => key in on && (shift || !event.shiftKey));
      if (!entry || entry.on[key](this) === false) return;
      event.preventDefault();
      event.stopPropagation(); // else the notebook's own keys move its selected cell
    };
  }

  /** The page goes. */
  end() {
    this.play(false);
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.telling);
    this.watch.disconnect();
  }

  /** Sizes, and with them all that is drawn. */
  settle() {
    const { root, relief, losses } = this;
    const room = root.clientWidth;
    const share = Math.min(window.innerWidth / 1024, window.innerHeight / 768);
    const wanted = [room, root.clientHeight * Number(this.big), this.big, this.doubting].join();
    if (!room || wanted === this.sized) return;
    this.sized = wanted;
    const type = this.big ? 20 * share : 13;
    root.style.setProperty("--bl-type", `${type}px`);
    const narrow = !this.big && room < 820;
    root.classList.toggle("bl-narrow", narrow);
    root.classList.toggle("bl-slim", !this.big && room < 520);
    const wide = relief.element.clientWidth;
    relief.measure(wide, this.big ? relief.element.clientHeight : narrow ? 300 : Math.min(520, Math.max(470, wide * 0.8)), type);
    losses.measure(losses.element.clientWidth, this.big ? losses.element.clientHeight : 214, type);
    relief.paint();
    this.draw();
  }

  // ---- runs

  /** Other runs. @param {RunData[]} runs @param {number} chosen */
  take(runs, chosen) {
    this.runs = runs.map((run) => this.computed(run));
    this.chosen = Math.max(0, Math.min(chosen, runs.length - 1));
    this.mind.together ??= new Set(runs.map(({ start }) => start.join())).size === 1;
  }

  /** @param {RunData} run @returns {Run2} */
  computed(run) {
    const course = courseOf(this.terrain, run, this.last);
    return { ...run, course: { ...course, enters: entersAt(this.terrain, run, course) } };
  }

  /** What a run is like at this step, in a few words. @param {Run2} run */
  state({ course }) {
    const { steps, ends } = course;
    const end = steps.length - 1;
    const at = Math.min(this.at, end);
    if (at === end && ends === "diverged") return `diverged, step ${end}`;
    if (at === end && ends === "trouble") return `no value, step ${end}`;
    const { loss } = steps[at];
    return `${at === end && climbs(course) ? "diverges: " : ""}loss ${wrote(loss, 3)}`;
  }

  /** The chosen run gets something else. @param {Partial<RunData>} what */
  change(what) {
    const noise = this.doubting;
    this.runs = this.runs.map((run, k) => (k === this.chosen ? this.computed({ ...run, ...what }) : run));
    if (noise !== this.doubting) this.settle();
    this.moved();
  }

  /** The start, of the chosen run or of all, is elsewhere; shown when the next frame is painted. @param {number[]} start */
  place(start) {
    this.runs = this.runs.map((run, k) => (k === this.chosen || this.mind.together ? { ...run, start, stale: true } : run));
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.runs = this.runs.map(({ stale, ...run }) => (stale ? this.computed(run) : run));
      this.moved();
    });
  }

  /** Something moved: show it, and say it when the hand rests. */
  moved() {
    this.draw();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.aloud(this.say()), 400);
    this.report({ runs: this.plain(), chosen: this.chosen });
  }

  /** The runs as they are sent. @returns {RunData[]} */
  plain() {
    return this.runs.map(({ method, rate, start, batch, settings, style }) => ({ method, rate, start, batch, settings, style }));
  }

  /** A copy of the chosen run, which is changed from now on. */
  add() {
    const { runs } = this;
    if (runs.length >= RUNS) return this.aloud(`There are ${RUNS} runs already; take one away first.`);
    const style = Array.from({ length: RUNS }, (_, k) => k).find((k) => runs.every((run) => run.style !== k)) ?? 0;
    this.runs = [...runs, { ...this.run, style }];
    this.chosen = runs.length;
    this.moved();
    return this.aloud(`Run ${runs.length + 1} is a copy of the last one; change its method or its rate.`);
  }

  /** @param {number} k */
  remove(k) {
    if (this.runs.length < 2) return this.aloud("This is the only run.");
    this.runs = this.runs.filter((_, j) => j !== k);
    this.chosen = Math.min(this.chosen > k ? this.chosen - 1 : this.chosen, this.runs.length - 1);
    this.settle();
    this.moved();
    return this.aloud(`Run ${k + 1} is gone; ${several(this.runs.length, "run")} left.`);
  }

  /** @param {number} k */
  choose(k) {
    this.chosen = k;
    this.settle();
    this.moved();
  }

  /** @param {number} by */
  scale(by) {
    this.change({ rate: Number((this.run.rate * by).toPrecision(3)) });
  }

  /** Another method of the table, with a rate of its own. @param {number} by */
  other(by) {
    const names = Object.keys(METHODS);
    const name = names[(names.indexOf(this.run.method) + by + names.length) % names.length];
    this.change({ method: name, settings: {}, rate: this.rateFor(name) });
  }

  /** The rate with which a method begins: as that of the last one, if it counts in the same unit. @param {string} name */
  rateFor(name) {
    return this.surface.rates[name] ?? METHODS[name].settings.rate;
  }

  /** @param {boolean} on */
  foresee(on) {
    this.mind.ahead = on;
    const [box] = this.desk.ahead.children;
    /** @type {HTMLInputElement} */ (box).checked = on;
    this.draw();
    this.report({ ahead: on });
  }

  // ---- the clock

  /** @param {number} to */
  go(to) {
    this.play(false);
    to = Math.max(0, Math.min(this.last, to));
    if (to !== this.at) this.show(to);
  }

  /** Stand at a step. @param {number} to @param {boolean} [quiet] */
  show(to, quiet = false) {
    this.at = to;
    this.draw();
    clearTimeout(this.telling);
    if (!quiet) this.aloud(this.say());
    this.report({ at: to });
  }

  /** Step by step by itself, or stop. @param {boolean} on */
  play(on) {
    if (!on && !this.playing) return;
    clearInterval(this.playing);
    this.playing = 0;
    if (on) {
      if (this.at >= this.last) this.show(0, true);
      const stride = Math.ceil(this.last / PLAYED);
      this.playing = window.setInterval(() => {
        if (this.at >= this.last) this.play(false);
        else this.show(Math.min(this.last, this.at + stride), true);
      }, BEAT);
    } else this.aloud(this.say());
    this.player?.setAttribute("aria-pressed", String(on));
    const path = this.player?.querySelector("path");
    path?.setAttribute("d", on ? ICONS.pause : ICONS.play);
  }

  /** What the chosen run's step is, in a sentence. */
  say() {
    const { course, batch, method } = this.run;
    const { names } = this.surface;
    const end = course.steps.length - 1;
    const at = Math.min(this.at, end);
    const { at: point, loss, slope } = course.steps[at];
    const where = names.map((name, k) => `${name} = ${wrote(point[k], 4)}`).join(", ");
    const steep = slope.length > 1 ? `(${slope.map((x) => wrote(x, 3)).join(", ")})` : wrote(slope[0], 3);
    const by = at > 0 ? loss - course.steps[at - 1].loss : 0;
    const change = at > 0 && Number.isFinite(by) ? (Math.abs(by) <= 1e-12 * Math.max(1, Math.abs(loss)) ? ", as before" : `, ${by < 0 ? "down" : "up"} by ${wrote(Math.abs(by), 3)}`) : "";
    const told = [`${at ? `step ${at}` : "start"}: ${where}, loss ${wrote(loss, 4)}${change}, slope ${batch ? "of the batch " : ""}${steep}`];
    if (this.at > end) told.push(`the run ended here, ${this.at - end} steps ago`);
    if (course.enters === at && at > 0) told.push("here it enters the region of confusion: stop, or lower the rate");
    const ending = at === end ? endOf(course, this.surface) : "";
    if (ending) told.push(ending);
    if (!at) told.push(`${METHODS[method].title} at rate ${wrote(this.run.rate, 3)} follows`);
    return `${told.join("; ")}.`;
  }

  /** Say something to who listens, and to who reads. @param {string} text */
  aloud(text) {
    if (this.live && this.live.textContent !== text) this.live.textContent = text;
  }

  /** Everything as it is now. */
  draw() {
    if (!this.relief.width) return;
    const { root, at, last, course } = { ...this, course: this.run.course };
    this.relief.show();
    this.losses.show();
    this.desk.show();
    root.dataset.at = String(at);
    root.dataset.ends = course.ends;
    if (this.slider) {
      this.slider.value = String(at);
      this.slider.setAttribute("aria-valuetext", `step ${at} of ${last}`);
    }
    if (this.count) this.count.textContent = `step ${at} of ${last}`;
    for (const made of this.back ?? []) made.disabled = at === 0;
    for (const made of this.on ?? []) made.disabled = at === last;
    if ([...(this.back ?? []), ...(this.on ?? [])].some((made) => made.disabled && made === treeOf(root).activeElement)) root.focus({ preventScroll: true });
    const sentence = this.say();
    if (this.sentence) {
      this.sentence.textContent = read(sentence);
      this.sentence.classList.toggle("bl-diverged", climbs(course) && at >= course.steps.length - 1);
    }
    this.explain();
  }

  /** What the signs of the picture mean, those that are there. */
  explain() {
    const two = this.surface.names.length === 2;
    const wanted = [["ring", "start: drag it, or click anywhere"], two ? ["slope", `steepest way down${this.run.batch ? " for the batch" : ""}`] : ["tangent", "tangent"]];
    if (two) wanted.push(["level", "one height; the bluer, the higher"]);
    if (this.mind.ahead) wanted.push(["ahead", "still to come"]);
    if (this.relief.holes) wanted.push(["hole", `no value${this.surface.missing ? ", or a way that was not sent" : ""}`]);
    if (this.doubting) wanted.push(["doubt", two ? "region of confusion: a batch's noise is larger than the slope" : "region of confusion: examples pull both ways"], ["stop", "the run comes into it: stop, or lower the rate"]);
    const key = wanted.join();
    if (!this.legend || this.legend.dataset.of === key) return;
    this.legend.dataset.of = key;
    this.legend.replaceChildren(...wanted.map(([kind, text]) => {
      const item = make("span", "");
      item.append(signOf(kind), text);
      return item;
    }));
  }

  // ---- in a room

  get big() {
    return this.root.classList.contains("bl-projector");
  }

  /** @param {boolean} on */
  project(on) {
    const { root } = this;
    root.classList.toggle("bl-projector", on);
    this.large?.setAttribute("aria-pressed", String(on));
    if (on && root.requestFullscreen) root.requestFullscreen().catch(() => {}); // where it is not allowed, the page is filled
    if (!on && treeOf(root).fullscreenElement === root) document.exitFullscreen();
    root.focus({ preventScroll: true });
    this.settle();
  }
}

/** A sign of the legend. @param {string} kind */
function signOf(kind) {
  const svg = draw("svg", "bl-sign bl-run", { width: 26, height: 18, viewBox: "0 0 26 18", "aria-hidden": "true" });
  const hatch = kind === "doubt" ? hatching("bl-doubt") : hatching("bl-hatch");
  /** @type {Record<string, () => Element[]>} */
  const signs = {
    ring: () => [draw("path", "bl-cross", { d: "M3 9h20M13 1v16" }), draw("circle", "bl-ring", { cx: 13, cy: 9, r: 6 })],
    slope: () => [draw("path", "bl-downhill", { d: arrow(2, 9, 21, 0, 7) })],
    tangent: () => [draw("path", "bl-downhill", { d: "M2 14L24 4" })],
    level: () => [draw("path", "bl-level", { d: "M1 13q12 -14 24 -4" })],
    ahead: () => [draw("path", "bl-way-ahead", { d: "M2 9h24" })],
    hole: () => [hatch.defs, draw("rect", "bl-hole", { x: 2, y: 2, width: 22, height: 14, fill: hatch.fill })],
    doubt: () => [hatch.defs, draw("rect", "bl-doubt-area", { x: 2, y: 2, width: 22, height: 14, fill: hatch.fill }), draw("rect", "bl-doubt-line", { x: 2, y: 2, width: 22, height: 14 })],
    stop: () => [draw("path", "bl-stop", { d: octagon(13, 9, 7) })],
  };
  svg.append(...signs[kind]());
  return svg;
}
