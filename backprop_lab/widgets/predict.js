// Predict before reveal: a box on the node, what was typed, and what it is the answer to.
// The questions come from film/questions.py; nothing typed is ever evaluated.

/** A shape as Python writes it. @param {number[]} shape */
function shapeText(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** Whether two answers agree: numbers up to rounding, lists in shape and every number. @param {any} a @param {any} b @param {Question} question @returns {boolean} */
function alike(a, b, question) {
  if (question.wants === "shape") return String(a) === String(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, k) => alike(x, b[k], question));
  return !Array.isArray(a) && !Array.isArray(b) && near(a, b, question.near);
}

/** Whether two numbers agree up to rounding. @param {number} a @param {number} b @param {number} tolerance */
function near(a, b, tolerance) {
  return Math.abs(a - b) <= Math.max(tolerance * Math.max(Math.abs(a), Math.abs(b)), 1e-9);
}

/** The sentence for an answer that is not right, and the wrong turn's name. @param {Question} question @param {any} value */
function wrongTurn(question, value) {
  const found = question.wrong.find(([answer]) => alike(answer, value, question));
  if (found) return { name: found[1], say: found[2] };
  if (!question.shape) return { name: null, say: question.help };
  const shape = question.wants === "shape" ? value : shapeOf(value) || [];
  if (String(shape) === String(question.shape)) return { name: null, say: question.help };
  const known = question.shapes?.find(([other]) => String(other) === String(shape));
  return { name: "wrong shape", say: known ? known[2] : `${shapeText(shape)} ${question.fits}` };
}

/** Seconds since a time, to a tenth. @param {number} began */
const secondsSince = (began) => Math.round((performance.now() - began) / 100) / 10;

/** A button of the panel, where it covers nothing. @param {() => void} run */
function showIt(run) {
  const made = make("button", "bl-button bl-showturn", "show it");
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

/** The box on a node. `done(outcome)` is called when the question is settled. */
class AskingBox {
  /** @param {Question} question @param {(text: string, extra: Element) => void} say @param {(outcome: Outcome) => void} done */
  constructor(question, say, done) {
    this.question = question;
    this.say = say;
    this.done = done;
    this.form = make("form", "bl-ask");
    this.box = make("input", "bl-askbox");
    Object.assign(this.box, { type: "text", autocomplete: "off", spellcheck: false, maxLength: question.wants === "array" ? 160 : 60 });
    this.box.inputMode = "text";
    this.box.setAttribute("aria-label", question.asks);
    this.box.placeholder = { number: "?", array: "[…]", shape: "…×…" }[question.wants];
    this.reveal = showIt(() => this.settle(false, true, null));
    this.reveal.title = "Show the number without predicting it";
    this.form.append(this.box);
    this.began = performance.now();
    this.tries = 0;
    /** @type {Pick<Outcome, "typed" | "number" | "wrong_turn"> | null} the first wrong number counts as the prediction */
    this.first = null;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer();
    });
    this.form.addEventListener("keydown", (event) => {
      // The box keeps its keys, except those that no number needs; Escape hands the focus back.
      if (event.key === "Escape") {
        event.preventDefault();
        focusPlayer(this.form);
      }
      event.stopPropagation();
    });
  }

  /** @param {boolean} right @param {boolean} revealed @param {any} value */
  settle(right, revealed, value) {
    const taken = this.first ?? { typed: this.box.value.trim(), number: value ?? null, wrong_turn: null };
    this.done({ ...taken, right, tries: this.tries, revealed, seconds: secondsSince(this.began) });
  }

  /** Take what was typed for an answer. */
  answer() {
    const { question, box } = this;
    const typed = box.value.trim();
    const { value, trouble } = TYPED[question.wants](box.value);
    if (trouble) {
      this.say(trouble, this.reveal);
      return;
    }
    this.tries += 1;
    if (alike(value, question.right, question)) {
      this.settle(this.tries === 1, false, value);
      return;
    }
    const { name, say } = wrongTurn(question, value);
    this.first = this.first ?? { typed, number: value, wrong_turn: name };
    this.form.classList.add("bl-missed");
    box.setAttribute("aria-invalid", "true");
    if (this.tries >= 2) {
      this.settle(false, true, value);
      return;
    }
    this.say(`Not ${typed}. ${say} One more try.`, this.reveal);
    box.select();
  }

  /** A pill is too small to type in: the box is larger, and in its middle, or as near as it covers no text. @param {Stage} stage @param {DOMRect} over @param {DOMRect} frame @param {number} scale */
  placeOnPill(stage, over, frame, scale) {
    const [width, height] = [Math.max(over.width, (this.question.wants === "array" ? 110 : 58) * scale), 28 * scale];
    const [x, y] = [over.left + (over.width - width) / 2, over.top + (over.height - height) / 2];
    const whole = stage.svg.getBoundingClientRect(); // in a room it may be larger than the canvas
    const texts = [.../** @type {NodeListOf<SVGTextElement>} */ (stage.svg.querySelectorAll("text"))].filter((text) => text.textContent && text.dataset.key !== this.question.key);
    const others = texts.map((text) => text.getBoundingClientRect());
    const places = [[0, 0], [0, -0.6], [0, 0.6], [-0.4, 0], [0.4, 0], [-0.4, -0.7], [0.4, -0.7], [-0.4, 0.7], [0.4, 0.7], [0, -1.2], [0, 1.2], [-0.8, 0], [0.8, 0], [0, -1.8], [0, 1.8]].map(([right, down]) => ({
      left: Math.max(whole.left, Math.min(x + right * width, whole.right - width)),
      top: Math.max(whole.top, Math.min(y + down * height, whole.bottom - height)),
    }));
    const covered = (/** @type {{left: number, top: number}} */ { left, top }) => others.filter((o) => o.left < left + width && left < o.right && o.top + 0.2 * o.height < top + height && top < o.bottom - 0.2 * o.height).length;
    const best = places.find((place) => !covered(place)) || places[0];
    this.form.style.left = `${best.left - frame.left}px`;
    this.form.style.top = `${best.top - frame.top}px`;
    Object.assign(this.box.style, { width: `${width}px`, height: `${height}px`, borderRadius: `${height / 2}px` });
  }

  /** Put the box over its cell: both scroll and zoom together, because they share a parent. @param {Stage} stage */
  place(stage) {
    const { key, wants } = this.question;
    const cell = stage.texts.get(key)?.[0];
    const group = stage.group(`${key[0] === "w" ? "e" : "n"}${key.slice(1)}`);
    if (!cell || !group) return;
    const spot = group.querySelector(key[0] === "w" ? ".bl-pill" : `.bl-cell-${key[0]}`) || cell;
    const frame = stage.canvas.getBoundingClientRect();
    const over = spot.getBoundingClientRect();
    // As large as its cell, which has room for the answer, so that it covers nothing.
    const scale = stage.svg.getBoundingClientRect().width / Number(stage.svg.getAttribute("width"));
    const height = Math.min(over.height, 34 * scale);
    this.form.style.left = `${over.left - frame.left}px`;
    this.form.style.top = `${over.top - frame.top}px`;
    const size = Math.max((wants === "array" ? 13 : 16) * scale, 11);
    Object.assign(this.box.style, { width: `${over.width}px`, height: `${height}px`, fontSize: `${size}px` });
    if (key[0] === "w") this.placeOnPill(stage, over, frame, Math.max(scale, 0.8));
  }
}

/** Why it is not this node's turn: it waits for somebody, has been, has nobody to send to, or comes a little later. @param {Film} film @param {number} k @param {number} id @param {number} right */
function notItsTurn(film, k, id, right) {
  const name = film.names[id];
  const begins = Object.entries(film.turns || []).map(([at, node]) => ({ node, at: Number(at) + 1 })).filter(({ node }) => node !== null);
  const had = new Set(begins.filter(({ at }) => at < k).map(({ node }) => node));
  if (had.has(id)) return `${name} has had its turn.`;
  const missing = [...new Set(film.waits?.[id] || [])].filter((user) => !had.has(user)).map((user) => film.names[user]);
  if (missing.length) return `Too early for ${name}: ${listed(missing)} still ${missing.length > 1 ? "have" : "has"} to report to it.`;
  if (!begins.some(({ node }) => node === id)) return `${name} was not computed from anything, so it has nobody to send to.`;
  return `${name} is ready too. Here the first operand goes first, and that leads to ${film.names[right]}.`;
}

/** The picture's nodes as buttons, while the person picks the one whose turn it is. */
class Picking {
  /** @param {Stage} stage @param {(id: number) => void} pick */
  constructor(stage, pick) {
    this.svg = stage.svg;
    this.nodes = /** @type {SVGElement[]} */ ([...this.svg.querySelectorAll("[data-node]")]);
    this.onClick = (/** @type {Event} */ { target }) => {
      const node = /** @type {Element} */ (target).closest("[data-node]");
      if (node) pick(Number(node.getAttribute("data-node")));
    };
    this.onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      pick(Number(/** @type {Element} */ (event.currentTarget).getAttribute("data-node")));
    };
    this.svg.setAttribute("role", "group"); // an image has no buttons in it
    this.handles = [...this.svg.querySelectorAll("[data-input]")]; // nor a button a slider
    for (const handle of this.handles) {
      handle.removeAttribute("tabindex");
      handle.setAttribute("aria-hidden", "true");
    }
    this.svg.addEventListener("click", this.onClick);
    for (const node of this.nodes) {
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button"); // its name is the <title> in it
      node.addEventListener("keydown", this.onKey);
    }
  }

  end() {
    this.svg.setAttribute("role", this.handles.length ? "group" : "img");
    for (const handle of this.handles) {
      handle.setAttribute("tabindex", "0");
      handle.removeAttribute("aria-hidden");
    }
    this.svg.removeEventListener("click", this.onClick);
    for (const node of this.nodes) {
      for (const name of ["tabindex", "role"]) node.removeAttribute(name);
      node.removeEventListener("keydown", this.onKey);
    }
  }
}

/** A step's questions, one after another. @param {Question | null} [question] @returns {Question[]} */
const chained = (question) => (question ? [question, ...chained(question.then)] : []);

/** A question with its numbers; null where there is nothing to ask. @param {LivePane} take @param {Question} question @param {number} k @returns {Question | null} */
function askedAgain(take, question, k) {
  const frame = take.pane.frames[k];
  const numberOf = (/** @type {string} */ name) => take.number(name, k, frame);
  const then = question.then && (askedAgain(take, question.then, k) ?? undefined);
  /** @param {any} x @returns {any} */
  const valued = (x) => (Array.isArray(x) ? x.map(valued) : typeof x === "string" ? worth(x, numberOf) : x);
  /** @param {any} x @returns {boolean} */
  const finite = (x) => (Array.isArray(x) ? x.every(finite) : Number.isFinite(x));
  const right = valued(question.right);
  if (!finite(right) || (question.moves && isZero(valued(question.moves)))) return then ?? null;
  /** @type {Map<string, Question["wrong"][0]>} */
  const wrong = new Map();
  for (const [answer, name, says] of question.wrong) {
    const x = valued(answer);
    const key = JSON.stringify(x);
    if (finite(x) && !alike(x, right, question) && !wrong.has(key)) wrong.set(key, [x, name, filled(says, numberOf)]);
  }
  return { ...question, right, then, asks: filled(question.asks, numberOf), help: filled(question.help, numberOf), wrong: [...wrong.values()] };
}

/** All that is said of questions, with the step that is asked for; nobody types more digits than are shown. @param {Film["asks"]} asks @returns {[number, string][]} */
function spokenOf(asks = {}) {
  return Object.entries(asks).flatMap(([k, first]) => chained(first).flatMap((q) => {
    const typed = String(q.right).replace(/[\d.]+(e[+-]\d+)?/g, (x) => wrote(Number(x), 4));
    const hints = [q.help, ...q.wrong.map((w) => w[2])].map((help) => `Not ${typed}. ${help} One more try.`);
    return [q.asks, ...hints].map((text) => /** @type {[number, string]} */ ([Number(k) + 1, text]));
  }));
}

/** The edges that a step lights. @param {Lit} lit */
const edgesOf = (lit) => Object.keys(lit).filter((key) => key[0] === "e");

/** The changes for who predicts: a local partial stands on its edge when the step is done that multiplies by it. @param {Film} film */
function veiled(film) {
  const changes = (film.changes || []).map((change) => ({ ...change }));
  const known = new Map(changes.flatMap((change) => Object.keys(change).map((key) => [key, change])));
  film.frames.forEach(({ kind, lit }, k) => {
    for (const edge of kind === "contribution" || kind === "tangent" ? edgesOf(lit) : []) {
      const key = `w${edge.slice(1)}`;
      const was = known.get(key);
      if (!was || !(key in was)) continue;
      const text = was[key];
      delete was[key];
      changes[k][key] = text;
    }
  });
  return changes;
}

/** Asks for the numbers of a film before they are shown. */
class Predictor {
  /** @param {Player} player @param {Prediction[]} predictions @param {(all: Prediction[]) => void} predicted */
  constructor(player, predictions, predicted) {
    this.player = player;
    this.film = player.film;
    this.fold = player.fold;
    this.stage = player.stages[0];
    this.predictions = predictions;
    this.predicted = () => predicted([...predictions]);
    /** @type {Set<number>} steps whose number was asked for */
    this.settled = new Set();
    /** @type {Set<number>} and whose turn was */
    this.picked = new Set();
    this.take();
    /** @type {Picking | null} while the person picks the node whose turn it is */
    this.picking = null;
    /** @type {{step: number, box: AskingBox} | null} while a number is being predicted */
    this.asking = null;
    this.changes = { all: this.film.changes, veiled: this.film.asks ? veiled(this.film) : undefined };
    this.veil();
  }

  /** Keep the local partials until they are used, or show them. */
  veil() {
    const { film, changes } = this;
    const wanted = this.active ? changes.veiled : changes.all;
    if (film.large) film.large.veiled = this.active;
    if (film.changes === wanted) return;
    film.changes = wanted; // the player's own copy
    this.stage.replay();
  }

  /** The inputs have moved, and what is veiled has other numbers. */
  renew() {
    this.changes = { all: this.film.changes, veiled: this.film.asks ? veiled(this.film) : undefined };
    if (this.active) this.film.changes = this.changes.veiled;
  }

  get active() {
    return Boolean(this.film.asks && this.player.mind.predicts);
  }

  /** Whether a prediction is one of this run. @param {Prediction} p */
  ours(p) {
    return (p.run ?? 0) === (this.film.run ?? 0);
  }

  /** What is settled already, by the list of predictions. */
  take() {
    const mine = this.predictions.filter((p) => this.ours(p));
    const steps = mine.filter((p) => p.kind !== "turn" && p.kind !== "mystery").map((p) => p.step);
    this.settled = new Set(steps.filter((k) => !this.left(k).length));
    this.picked = new Set(mine.filter((p) => p.kind === "turn").map((p) => p.step));
  }

  /** The questions of a step that have not been settled. @param {number} k */
  left(k) {
    const had = this.predictions.filter((p) => p.step === k && p.kind !== "turn" && p.kind !== "mystery" && this.ours(p));
    return chained(this.film.asks?.[k - 1]).slice(had.length);
  }

  /** The next step whose number has not been asked for. */
  next() {
    const { last, at } = this.player;
    if (this.active) for (let k = at + 1; k <= last; k += 1) if (!this.settled.has(k) && this.fair(k)) return k;
    return last + 1;
  }

  /** Whether a step's question can be answered from what is seen: of a folded graph, only where nothing needed is hidden. @param {number} k */
  fair(k) {
    const question = this.film.asks?.[k - 1];
    if (!question) return false;
    const { lit, kind } = this.film.frames[k];
    const reads = Object.keys(lit).filter((key) => key[0] === "n" && lit[key].includes("bl-read"));
    const edges = kind === "contribution" || question.key[0] === "w" ? edgesOf(lit) : [];
    return (question.key[0] === "w" || this.fold.shows(question.key)) && reads.every((key) => this.fold.shows(key)) && edges.every((key) => this.fold.seen(key) === key);
  }

  /** Note what was predicted, and when it was settled. @param {number} k @param {string | undefined} node @param {string | undefined} kind @param {Outcome} outcome */
  record(k, node, kind, outcome) {
    this.predictions.push({ step: k, node, kind, ...outcome, run: this.film.run ?? 0, when: new Date().toISOString() });
    if (kind === "turn") this.picked.add(k);
    else if (kind !== "mystery" && !this.left(k).length) this.settled.add(k);
  }

  /** Others may predict too: another view of this player, or the kernel, which may forget all. @param {Prediction[]} all */
  known(all) {
    const same = (/** @type {Prediction} */ p, /** @type {number} */ j) => p.when === this.predictions[j].when && p.step === this.predictions[j].step;
    if (all.length === this.predictions.length && all.every(same)) return;
    this.predictions.splice(0, this.predictions.length, ...all);
    this.take();
    this.player.mystery?.take();
    if (this.asking && this.settled.has(this.asking.step)) this.close();
  }

  /** Ask what comes before step `k`: the number, or first whose turn it is. @param {number} k */
  ask(k) {
    const turn = this.film.turns?.[k - 1] ?? null;
    if (turn !== null && !this.picked.has(k) && this.fold.seen(`n${turn}`)?.[0] === "n") this.askTurn(k, turn);
    else this.askNumber(k);
  }

  /** Ask which node sends next; then for its first number. @param {number} k @param {number} right */
  askTurn(k, right) {
    if (this.picking) return;
    this.close();
    const { player, film } = this;
    player.lightAlone(null);
    const began = performance.now();
    let tries = 0;
    /** @type {string | null} */
    let first = null;
    const end = (/** @type {boolean} */ revealed) => {
      const name = film.names[right];
      const outcome = { right: !revealed && tries === 1, tries, revealed, seconds: secondsSince(began) };
      this.record(k, name, "turn", { typed: first ?? (revealed ? "" : name), number: null, wrong_turn: null, ...outcome });
      this.close();
      this.predicted();
      this.askNumber(k, revealed ? `It is the turn of ${name}. ` : "");
    };
    const reveal = showIt(() => end(true));
    player.sayStep("Whose turn is it? Pick the node that sends its adjoint on next.", reveal);
    player.root.dataset.picking = "true";
    this.picking = new Picking(this.stage, (id) => {
      tries += 1;
      if (id === right) {
        end(false);
        return;
      }
      first = first ?? film.names[id];
      player.sayStep(notItsTurn(film, k, id, right), reveal);
    });
  }

  /** Ask for the number of step `k`, in a box on its node. @param {number} k @param {string} before */
  askNumber(k, before = "") {
    const { player, film } = this;
    const [question] = this.left(k);
    if (this.asking?.step === k) {
      this.asking.box.box.focus();
      return;
    }
    this.close();
    if (!question) return;
    const box = new AskingBox(question, (text, extra) => player.askStep(k, text, extra), (outcome) => this.answered(k, outcome));
    this.asking = { step: k, box };
    player.lightAlone(k);
    const { lit, gives = "" } = film.frames[k];
    this.stage.wonder([...edgesOf(lit).map((key) => `w${key.slice(1)}`), gives], player.arriving(k));
    for (const { key } of chained(film.asks?.[k - 1]).slice(0, -this.left(k).length)) this.stage.paint(key, this.changes.veiled?.[k][key] ?? "");
    player.askStep(k, before + question.asks, box.reveal);
    player.root.dataset.asking = question.key;
    this.stage.canvas.append(box.form);
    this.place();
    box.box.focus({ preventScroll: true });
  }

  /** A number is known now: go on to its step. @param {number} k @param {Outcome} outcome */
  answered(k, outcome) {
    const { player, film } = this;
    this.record(k, film.frames[k].node, film.asks?.[k - 1]?.key[0] === "w" ? "partial" : film.frames[k].kind, outcome);
    const focused = player.root.contains(treeOf(player.root).activeElement);
    this.close();
    const { right, revealed, tries } = outcome;
    const remark = right ? "Right. " : !revealed ? "Right now. " : tries ? "That was two tries. " : "";
    if (this.left(k).length) {
      this.askNumber(k, remark);
      this.predicted();
      return;
    }
    player.settled(k, remark);
    if (focused) player.root.focus({ preventScroll: true });
    this.predicted();
  }

  place() {
    this.asking?.box.place(this.stage);
  }

  close() {
    this.asking?.box.form.remove();
    this.picking?.end();
    this.asking = null;
    this.picking = null;
    this.stage.wonder([]);
    delete this.player.root.dataset.asking;
    delete this.player.root.dataset.picking;
  }
}
