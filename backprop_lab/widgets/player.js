// The player: one clock for picture, table and code. It gets the film (film/film.py) once and plays it here: a step
// changes texts and classes, nothing else. The same file drives JupyterLab, Notebook, VS Code, Colab and a plain page.

/** What a player remembers when the kernel sends it another film. @param {string[]} open the views at first @returns {Mind} */
function memory(open) {
  return { pace: "", settings: false, keys: false, more: false, predicts: true, blank: false, motion: movesAtFirst(), focus: null, views: remembered(open) };
}

/** The buttons below: a view each, then settings and keys. */
class Tools {
  /** @param {Player} player */
  constructor(player) {
    const { mind, fold, views, panel } = player;
    this.element = make("div", "bl-tools");
    this.list = keyList(player.keys);
    this.list.hidden = !mind.keys;
    this.keys = toggle("keys", mind.keys, (on) => {
      mind.keys = on;
      this.list.hidden = !on;
    });
    this.settings = toggle("settings", mind.settings, (on) => {
      mind.settings = on;
      panel.element.hidden = !on;
    });
    panel.element.hidden = !mind.settings;
    const inside = pusher("open this step", () => lookInside(player), "Open what the current step is in (i)");
    inside.classList.add("bl-look-inside");
    const large = views.filter(({ kind }) => kind.css); // the graph makes room for them
    const small = views.filter(({ kind }) => !kind.css);
    const made = [...small.map(({ button }) => button), fold.folded && inside, ...large.map(({ button }) => button), this.settings, this.keys];
    this.element.append(...made.filter((one) => one instanceof Element));
  }
}

/** Where nothing is asked; a page that asks nothing comes without `predict.js`. */
const UNASKED = /** @type {Predictor} */ (/** @type {unknown} */ ({ active: false, next: () => Infinity, ask() {}, close() {}, veil() {}, place() {}, known() {}, renew() {} }));

const MOST_IN_SIGHT = 20; // nodes; page.py has the same, because a page of fewer comes without `overview.js`
const FLAT = 338; // the height of a graph that loses nothing when something stands below it (player.css)
const MOST_LIT = 60; // of the steps that a large film makes at once, the last ones
const SWIFT = 200; // milliseconds between two moves of an input, at most
const RESTED = 60; // milliseconds after which nobody moves an input any more

class Player {
  /** @param {HTMLElement} root @param {SentFilm} sent @param {Mind} mind @param {Outside} outside */
  constructor(root, sent, mind, outside) {
    const film = filmOf(sent);
    this.root = root;
    this.film = film;
    this.live = film.tape ? new Live(film, film.tape) : null;
    if (this.live) film.live = this.live;
    this.mind = mind;
    this.outside = outside;
    this.last = film.frames.length - 1;
    this.at = -1;
    this.fold = new Folding(film);
    this.stages = (film.panes || [/** @type {Pane} */ (film)]).map((pane) => new Stage(pane, this.fold));
    this.pace = new Pace(film, this.fold, mind);
    this.bar = new Bar(this);
    this.told = new Teller(film, this.pace);
    this.asks = film.asks || film.mystery ? new Predictor(this, outside.predictions, outside.predicted) : UNASKED;
    this.look = new Inspector(this);
    this.main = make("div", "bl-main");
    this.side = make("div", "bl-side");
    this.mystery = film.mystery ? new Mystery(this, film.mystery) : null;
    this.panel = new Settings(this, outside.ask && ((request) => outside.ask?.({ ...request, at: this.at })));
    this.maps = this.fold.folded || film.rows.length > MOST_IN_SIGHT ? this.stages.map((s) => new Overview(s)) : [];
    this.panes = this.stages.map((s, k) => paneOf(s, this.maps[k]));
    this.pair = film.panes ? new Pair(this) : null;
    const views = film.large ? VIEWS.filter(({ offered }) => offered?.(film) ?? true) : VIEWS; // others take long for so many nodes
    this.views = views.map((kind) => new OpenView(kind, this));
    this.finder = this.fold.folded ? new Finder(this) : null;
    /** @type {Key | null} what was searched for, while the parts around it are opened */
    this.wanted = null;
    this.keys = keysOf(this);
    this.tools = new Tools(this);
    this.opener = !this.fold.folded ? () => {} : unfolder(film, this.fold, outside.open, (scene) => this.swap(scene), (text) => this.look.say(text));
    /** @type {{part: number, on: boolean, byKey: boolean} | null} what is being opened or closed */
    this.turned = null;
    this.following = 0;
    this.rested = 0;
    this.recounted = -Infinity; // when an input has moved last
    /** @type {Key[]} */
    this.choosing = [];
    /** @type {number | null} the step whose numbers are blank, while a room guesses them */
    this.blank = null;
    this.build();
    this.arrange();
    listen(this, this.keys);
    this.handles = this.live && this.moves ? new Handles(this, this.live) : null;
    this.mount();
    this.over = new AbortController();
    root.addEventListener("bl-set", (event) => this.move(/** @type {CustomEvent} */ (event).detail), { signal: this.over.signal });
    window.addEventListener("scroll", () => {
      for (const s of this.stages) s.sight = null; // other texts are in sight now
    }, { capture: true, passive: true, signal: this.over.signal });
    this.pointing = new Pointing(root);
    this.motion = new Motion(this);
    this.watch = new ResizeObserver(() => {
      this.settle();
      this.measure();
    });
    this.watch.observe(this.bar.element); // it is as wide as the panel, and no higher if the panel is
    root.onfullscreenchange = () => {
      this.measure();
      if (treeOf(root).fullscreenElement !== root && this.big) this.project(false);
    };
  }

  // ---- the page

  build() {
    const { root, film, stages, fold } = this;
    root.classList.add("bl-player");
    root.tabIndex = 0;
    root.setAttribute("role", "region");
    this.name();
    const theatre = make("div", "bl-theatre");
    theatre.append(...this.panes);
    this.pair?.stand(false);
    const column = make("div", "bl-column");
    column.append(...(this.finder ? [this.finder.element] : []), theatre, ...(this.look.numbers ? [this.look.numbers.element] : []));
    const beside = [...this.views].sort((a, b) => (a.kind.place ?? 0) - (b.kind.place ?? 0));
    if (this.mystery) this.side.append(this.mystery.element);
    this.side.append(...beside.flatMap(({ view }) => view.element ?? []));
    this.main.classList.toggle("bl-folded", fold.folded);
    this.main.classList.toggle("bl-puzzled", Boolean(this.mystery));
    this.main.append(column, this.side);
    const unseen = this.views.flatMap(({ view }) => view.unseen ?? []);
    const foot = make("div", "bl-foot"); // what the picture means, or what was chosen on it
    foot.append(legend(film, stages), this.look.element);
    root.replaceChildren(this.bar.element, this.bar.more, this.panel.element, this.told.element, this.main, ...unseen, this.tools.element, this.tools.list, foot);
  }

  /** What the player is called. */
  name() {
    const about = this.live?.fill(this.film.about) ?? this.film.about;
    this.root.setAttribute("aria-label", `Step through the ${about[0].toLowerCase()}${about.slice(1)}. Arrow keys step, Home and End jump, the question mark lists all keys.`);
  }

  /** Another film takes this player's place, or the page goes. */
  end() {
    this.over.abort();
    clearTimeout(this.rested);
    this.handles?.over.abort();
    this.watch.disconnect();
    for (const map of this.maps) map.end();
    this.pointing.end();
    this.motion.close();
  }

  /** Show the views that are open. */
  arrange() {
    const open = this.views.filter(({ mine }) => mine.open);
    for (const { mine, view } of this.views) {
      if (view.element) view.element.hidden = !mine.open;
      view.arrange?.(this.big);
    }
    this.side.hidden = !this.mystery && !open.some(({ view }) => view.element);
    this.main.classList.toggle("bl-alone", this.side.hidden);
    for (const css of new Set(VIEWS.flatMap((kind) => kind.css || []))) this.main.classList.toggle(css, open.some(({ kind }) => kind.css?.includes(css)));
    this.settle();
    if (this.at >= 0) this.measure(); // a view takes room from what is said
  }

  /** Decide how high what is said is, and which graphs have room for themselves. */
  measure() {
    this.told.measure();
    this.pair?.share();
    this.mystery?.rest();
  }

  /** Two pictures side by side or one above the other, and views beside or below: so that letters stay as large as can be read. */
  settle() {
    const { root, main, film, fold } = this;
    const room = root.clientWidth;
    if (!room) return;
    const share = Math.min(1, window.innerWidth / 1024, window.innerHeight / 768); // of the smallest room's screen
    if (this.big) root.style.setProperty("--bl-share", share.toFixed(3)); // with another one the browser looks at all of this again
    const scale = this.big ? 1.2 * share : 0.8;
    if (this.stages.map((s) => s.suit((room - 28) / scale)).some(Boolean)) this.renew();
    const { svg } = this.stages[0];
    if (this.big) root.style.setProperty("--bl-tall", `${svg.getAttribute("height")}px`);
    const need = Number(svg.getAttribute("width")) * scale + 16;
    const viewing = main.classList.contains("bl-viewing");
    const broad = main.classList.contains("bl-broad-side");
    const beside = broad ? Math.max(430, (this.big ? 0.4 : 0.42) * room) : viewing ? Math.max(360, 0.38 * room) : 306;
    const stacked = Boolean(film.panes) && 2 * need > room;
    this.pair?.stand(stacked);
    main.classList.toggle("bl-stacked", stacked); // with :has() the browser would look at all of this again for each number that is written
    main.classList.toggle("bl-tight", Boolean(film.panes || main.querySelector(".bl-long")));
    const flat = Boolean(this.mystery) && !this.big && Number(svg.getAttribute("height")) <= FLAT; // list and inputs are seen at once below it
    main.classList.toggle("bl-wide", fold.folded || (Boolean(film.panes) && !stacked) || room < 960 || need + beside > room || flat);
  }

  /** The pictures have other rows, because the page is wider now or narrower: light there what was lit, ask what was asked. */
  renew() {
    if (this.at < 0) return;
    this.mount();
    const { asking, picking } = this.asks;
    this.look.swapped(this.look.chosen);
    this.show(this.at);
    for (const { view } of this.views) view.refresh?.();
    if (asking || picking) this.asks.ask(this.asks.next());
  }

  // ---- stepping

  /** @param {number} to */
  go(to) {
    to = Math.max(0, Math.min(this.last, to));
    const question = this.asks.next();
    const blocked = to >= question; // no number is shown before it was asked for
    if (blocked) to = question - 1;
    if (to !== this.at) {
      const single = to === this.at + 1 && !blocked;
      this.show(to);
      this.outside.report(to);
      if (single) this.motion.play(to);
    }
    if (blocked) this.asks.ask(question);
  }

  /** @param {string} [kind] how far; as the bar says if not given */
  forward(kind) {
    if (this.mind.blank && this.blank === null && this.guess()) return;
    this.go(this.pace.after(this.at, kind));
  }

  /** @param {string} [kind] */
  back(kind) {
    if (this.blank === null) this.go(this.pace.before(this.at, kind));
    else this.show(this.at);
  }

  /** Light the next step and leave its numbers blank, so that a room can guess; the second time, or by a step, they are there. */
  guess() {
    const to = Math.min(this.last, this.pace.after(this.at));
    if (this.blank !== null || this.asks.active || to <= this.at) return false;
    this.motion.end();
    this.dark();
    this.blank = to;
    const frames = this.film.frames.slice(this.at + 1, to + 1);
    for (const frame of frames) this.light(frame);
    this.lit();
    this.underline(to);
    for (const s of this.stages) {
      const changes = s.film.changes.slice(this.at + 1, to + 1);
      const keys = s.film.large ? frames.flatMap(({ gives }) => gives ?? []) : changes.flatMap((change) => Object.keys(change));
      s.wonder(keys.filter((key) => key[0] !== "w"), this.arriving(to));
    }
    this.told.ask(this.pace.within(this.at, to)[0], "What comes here? The next step shows it.", false);
    this.root.dataset.guessing = "true";
    this.follow();
    return true;
  }

  /** The number to which another one arrives in a step, if it does. @param {number} k */
  arriving(k) {
    const { kind, id } = this.film.frames[k];
    return kind === "contribution" ? `a${id}` : undefined;
  }

  /** No number is blank any more. */
  unguess() {
    delete this.root.dataset.guessing; // also what another film left there
    if (this.blank !== null) for (const s of this.stages) s.wonder([]);
    this.blank = null;
  }

  /** Leave every step blank first, or none. */
  guessAlways() {
    this.mind.blank = !this.mind.blank;
    this.look.say(this.mind.blank ? "From now on every step is blank at first, and the next press shows it." : "Steps show their numbers at once.");
  }

  /** Where a node's value or derivative is known. @param {number} id @param {"value" | "derivative"} kind */
  jump(id, kind) {
    const k = this.film.frames.findLastIndex((f) => f.id === id && (kind === "value") === (f.kind === "value"));
    if (k >= 0) this.go(k);
    else if (kind === "value") this.go(0);
  }

  /** @param {number} to @param {string} remark what to say before the step's sentence */
  show(to, remark = "") {
    this.asks.close();
    this.unguess();
    this.motion.end();
    for (const s of this.stages) s.seek(to);
    this.at = to;
    this.dark();
    for (const frame of this.leading(to)) this.light(frame);
    this.lit();
    this.underline(to);
    const [shown, before] = this.pace.within(this.pace.begins(to), to);
    this.told.tell(shown, remark + before);
    this.root.dataset.at = String(to);
    const { phase } = this.film.frames[to];
    if (this.root.dataset.phase !== phase) this.root.dataset.phase = phase;
    this.bar.show(to);
    this.look.refresh();
    this.pair?.show(this.film.frames[to]);
    for (const { view } of this.views) view.show?.(to);
    this.mystery?.mark();
    this.finder?.show(to);
    this.follow();
  }

  /** The frames since the last rest, which light up together; of a large film's the last ones. @param {number} to */
  leading(to) {
    const from = this.pace.begins(to);
    return this.film.frames.slice(Math.max(from, this.film.large ? to - MOST_LIT : from) + 1, to + 1);
  }

  /** Make ready what the next step tells. */
  prepare() {
    const to = this.pace.after(this.at);
    if (to > this.last || this.film.large) return;
    this.told.prepare(...this.pace.within(this.pace.begins(to), to));
  }

  /** From here to `lit`, what is lit again stays as it is: the browser need not look at it. */
  dark() {
    for (const s of this.stages) s.lights.hold();
    for (const { view } of this.views) view.dark?.();
  }

  lit() {
    for (const s of this.stages) s.lights.release();
  }

  /** @param {Frame} frame */
  light(frame) {
    const parts = this.stages.map((_, k) => (frame.both ? frame.both[k] : frame));
    this.stages.forEach((s, k) => s.light(parts[k].lit));
    this.stages.forEach((s, k) => s.use(parts[k]));
    for (const { lit } of parts) for (const { view } of this.views) view.light?.(lit);
  }

  // Measuring makes the browser lay the page out, so it waits for the frame that is painted anyway.
  /** Scroll to what is new. @param {Key[]} chosen what was just chosen */
  follow(...chosen) {
    this.choosing = chosen.filter(Boolean);
    if (this.following) return;
    this.following = requestAnimationFrame(() => {
      this.following = 0;
      for (const { view } of this.views) view.follow?.();
      const doer = this.mind.pace === "box" && this.at > 0 ? this.fold.doer(this.film.frames[this.at]) : null;
      for (const s of this.stages) s.follow(this.choosing.length || !doer ? this.choosing : [doer]);
      this.choosing = [];
      this.told.fit();
      this.asks.place();
      this.mystery?.place();
      for (const map of this.maps) map.show();
      this.pointing.renew();
      clearTimeout(this.rested);
      this.rested = setTimeout(() => {
        for (const s of this.stages) s.rest();
        this.prepare();
      }, this.moving ? RESTED : 0); // also while a key is held: the frame is painted
    });
  }

  // ---- inputs

  /** Whether the page itself can follow other inputs. */
  get moves() {
    return this.live !== null;
  }

  /** Whether an input moves just now. */
  get moving() {
    return performance.now() - this.recounted < SWIFT;
  }

  /** Other numbers for inputs, by name. @param {Record<string, any>} given */
  move(given) {
    const { live, film, outside } = this;
    const names = [...film.options.inputs.map(({ name }) => name), ...Object.keys(live?.given() ?? {}), ...live?.names ?? []];
    const odd = Object.keys(given ?? {}).find((name) => !names.includes(name) || !(typeof given[name] === "number" || (live?.entries && takes(live.entries, name, given[name]))));
    if (odd !== undefined) this.look.say(names.includes(odd) ? `${odd} takes ${live?.names.includes(odd) ? "a number" : "as many numbers as it has"}.` : `There is no input ${odd}; the inputs are ${listed([...new Set(names)])}.`);
    else if (live && this.moves) {
      if (!live.set(given)) return;
      this.recount();
      outside.moved(live.given(), live.branch);
    } else if (outside.ask) outside.ask({ inputs: given, at: this.at });
    else this.look.say(`Other inputs need the kernel here: ${film.still}.`);
  }

  /** There are other pictures: what numbers decide of them, and what moves the inputs'. */
  mount() {
    if (this.live) for (const s of this.stages) s.note(this.live);
    this.handles?.mount();
  }

  /** All numbers have changed. */
  recount() {
    const { live } = this;
    if (!live) return;
    const { asking, picking } = this.asks;
    this.told.ready = null;
    if (!live.trouble) this.told.hush();
    this.asks.renew();
    const { moving } = this;
    this.recounted = performance.now();
    for (const s of this.stages) s.renew(live, moving);
    this.handles?.renew();
    this.panel.renew(Object.fromEntries(live.names.map((name, id) => [name, live.inputs[id]])));
    this.name();
    for (const { view } of this.views) view.renew?.();
    this.mystery?.renew();
    const guessed = this.blank !== null && !live.trouble;
    this.show(this.at);
    if (guessed) this.guess(); // the room goes on guessing, at other numbers
    if (live.trouble) this.told.say(live.trouble);
    else if (asking || picking) this.asks.ask(this.asks.next());
  }

  // ---- predictions

  /** Whether numbers are asked for. */
  get predicting() {
    return this.asks.active;
  }

  /** @param {boolean} on */
  predict(on) {
    this.mind.predicts = on;
    this.asks.close();
    this.asks.veil();
    this.show(this.at);
  }

  /** Say something in place of a step. @param {string} text @param {Element} [extra] */
  sayStep(text, extra) {
    this.told.say(text, extra);
    this.follow();
  }

  /** Ask for a number of a step that is not shown yet. @param {number} k @param {string} words @param {Element} [extra] */
  askStep(k, words, extra) {
    this.told.ask([this.film.frames[k]], words, true, extra);
    this.follow();
  }

  /** Light a step that is not shown yet, or nothing. @param {number | null} k */
  lightAlone(k) {
    this.dark();
    if (k !== null) this.light(this.film.frames[k]);
    this.lit();
    if (k !== null) this.underline(k);
  }

  /** The code of a step. @param {number} k */
  underline(k) {
    const frame = this.film.frames[k];
    for (const { view } of this.views) view.line?.(frame);
    for (const s of this.stages) s.underline(this.film.rows[frame.by ?? frame.id ?? -1]);
  }

  /** A question is settled: show its step. @param {number} k @param {string} remark */
  settled(k, remark) {
    this.show(k, remark);
    this.outside.report(k);
  }

  // ---- nodes and parts

  /** A node was chosen. @param {number} id */
  picked(id) {
    for (const { view } of this.views) view.choose?.(id);
  }

  /** Open or close a part. @param {number} part @param {boolean} on */
  unfold(part, on, byKey = false) {
    this.turned = { part, on, byKey };
    this.opener(part, on);
  }

  /** Choose something that is seen, say what it is, and scroll to it. @param {Key} key */
  reach(key) {
    this.look.choose(key);
    this.look.aloud();
    this.finder?.show(this.at);
    this.follow(key);
  }

  /** Pictures with other parts open are here. @param {Scene} scene */
  swap(scene) {
    showScene(this, scene);
  }

  // ---- in a room

  get big() {
    return this.root.classList.contains("bl-projector");
  }

  /** @param {boolean} on */
  project(on) {
    const { root } = this;
    root.classList.toggle("bl-projector", on);
    this.arrange();
    this.bar.big.setAttribute("aria-pressed", String(on));
    if (on && root.requestFullscreen) root.requestFullscreen().catch(() => {}); // where it is not allowed, the page is filled
    if (!on && treeOf(root).fullscreenElement === root) document.exitFullscreen();
    root.focus({ preventScroll: true });
    this.follow();
  }
}

/** A picture with its title and its map. @param {Stage} s @param {Overview | undefined} map */
function paneOf(s, map) {
  const pane = make("div", "bl-pane");
  if (s.film.title) pane.append(make("div", "bl-pane-title", s.film.title));
  pane.append(s.element, ...(map ? [map.element] : []));
  return pane;
}
