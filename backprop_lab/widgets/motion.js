// Motion: on a single step the number travels. It lifts from its cell, runs along the lit edge, is multiplied at the pill
// and joins what waits. The step's state is set before; this is paint on top of it, in a group at the end of the picture
// that is moved and never measured again. Any key, click or step takes it away.

const [LIFT, RUN, TIMES, POP] = [80, 150, 200, 220]; // milliseconds; the edge takes two runs
const SEEN_AS_NUMBER = /^−?(\d[\d.\u202f]*(e[+−]\d+)?|inf|nan)$/; // of an array there is only its square

/** How far something is at a time that goes from one time to another, gently at both ends. @param {number} t @param {number} from @param {number} to */
function eased(t, from, to) {
  const u = Math.max(0, Math.min(1, (t - from) / (to - from)));
  return u < 0.5 ? 2 * u * u : 1 - 2 * (1 - u) * (1 - u);
}

/** What is added to what was there, to make what is there now: 4, if "10" becomes "10 + 4". @param {string} before @param {string} after */
function arrived(before, after) {
  const sign = before && after.startsWith(`${before} `) ? after[before.length + 1] : "";
  return sign ? (sign === "−" ? "−" : "") + after.slice(before.length + 3) : after;
}

/** A way through points, by length. */
class Route {
  /** @param {DOMPoint[]} points */
  constructor(points) {
    this.points = points;
    let sum = 0;
    this.lengths = points.map((p, k) => (sum += k ? Math.hypot(p.x - points[k - 1].x, p.y - points[k - 1].y) : 0));
  }

  /** Where one is after some of its length. @param {number} length */
  at(length) {
    const { points, lengths } = this;
    const found = lengths.findIndex((l) => l >= length);
    const k = found < 0 ? points.length - 1 : Math.max(1, found);
    const [a, b] = [points[k - 1], points[k]];
    const u = Math.min(1, (length - lengths[k - 1]) / (lengths[k] - lengths[k - 1] || 1));
    return { x: a.x + (b.x - a.x) * u, y: a.y + (b.y - a.y) * u };
  }

  /** How far it is to the point that is nearest to another. @param {{x: number, y: number}} to */
  near({ x, y }) {
    const away = this.points.map((p) => Math.hypot(p.x - x, p.y - y));
    return this.lengths[away.indexOf(Math.min(...away))];
  }
}

/** What is painted over one picture. */
class Overlay {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    this.group = draw("g", "bl-motion", {});
    this.group.setAttribute("aria-hidden", "true");
    svg.append(this.group);
    const back = svg.getScreenCTM()?.inverse();
    /** A point of an element, on the picture. @param {SVGGraphicsElement} element @param {{x: number, y: number}} point */
    this.there = (element, { x, y }) => new DOMPoint(x, y).matrixTransform(back?.multiply(element.getScreenCTM() ?? undefined));
  }

  /** The box of a cell or a pill, on the picture. @param {Element} ground */
  box(ground) {
    const { x, y, width, height } = /** @type {SVGGraphicsElement} */ (ground).getBBox();
    const corner = this.there(/** @type {SVGGraphicsElement} */ (ground), { x, y });
    return { x: corner.x, y: corner.y, width, height, middle: { x: corner.x + width / 2, y: corner.y + height / 2 } };
  }

  /** A number on a ground of its own, in the middle of a group. @param {string} kind @param {string} text @param {number} height */
  token(kind, text, height) {
    const group = draw("g", `bl-token bl-token-${kind}`, {});
    const size = height * 0.62;
    const number = /** @type {SVGTextElement} */ (draw("text", "", { y: size * 0.36, "font-size": size }, read(text)));
    group.append(number);
    this.group.append(group);
    const width = Math.max(height, number.getComputedTextLength() + size * 0.7);
    group.prepend(draw("rect", "", { x: -width / 2, y: -height / 2, width, height, rx: height * (kind === "w" ? 0.5 : 0.2) }));
    return { group, width };
  }
}

/** @param {Element} element @param {{x: number, y: number}} to @param {number} [wide] @param {number} [high] */
function put(element, { x, y }, wide = 1, high = wide) {
  element.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})${wide === 1 && high === 1 ? "" : ` scale(${wide.toFixed(3)} ${high.toFixed(3)})`}`);
}

/** @param {Element} element @param {boolean} on */
const showing = (element, on) => element.setAttribute("visibility", on ? "visible" : "hidden");

/** Where a number arrives: in its cell, or in the ring beside what waits there. @param {Stage} stage @param {Key} key */
function landingOf(stage, key) {
  const cell = /** @type {Element} */ (stage.grounds.get(key));
  return cell.closest(".bl-sum")?.querySelector(".bl-ring") ?? cell;
}

/** One number's way along an edge. */
class Trip {
  /**
   * @param {Overlay} over @param {Stage} stage
   * @param {{edge: Edge, start: Key, end: Key, back: boolean, becomes: string | null}} what `becomes` is the product, or
   * null where products are only added up
   */
  constructor(over, stage, { edge, start, end, back, becomes }) {
    const cell = over.box(/** @type {Element} */ (stage.grounds.get(start)));
    const goal = over.box(landingOf(stage, end));
    const wire = /** @type {SVGPathElement} */ (stage.group(edge.id)?.querySelector(".bl-wire"));
    const whole = wire.getTotalLength();
    const along = Array.from({ length: 33 }, (_, k) => over.there(wire, wire.getPointAtLength((whole * (back ? 32 - k : k)) / 32)));
    this.route = new Route([DOMPoint.fromPoint(cell.middle), ...along, DOMPoint.fromPoint(goal.middle)]);
    const carried = stage.shown(start);
    const plain = SEEN_AS_NUMBER.test(carried);
    const height = Math.min(34, cell.height * 0.94);
    const kind = start[0];
    this.lead = over.token(kind, plain ? carried : "", height);
    this.lifted = this.route.lengths[1];
    this.end = LIFT + 2 * RUN;
    const pill = stage.grounds.get(`w${edge.id.slice(1)}`);
    const factor = stage.shown(`w${edge.id.slice(1)}`);
    if (kind === "p" || !plain || becomes === "") return;
    if (!pill || !SEEN_AS_NUMBER.test(factor)) { // a partial that is asked for, or a mystery
      if (becomes) this.made = over.token(kind, becomes, height);
      return;
    }
    this.end += TIMES;
    const place = over.box(pill);
    this.meets = this.route.near(place.middle);
    this.factor = over.token("w", factor, Math.min(height, place.height * 1.3));
    this.dot = draw("text", "bl-token-dot", { y: height * 0.22, "font-size": height * 0.7 }, "·");
    const broad = this.lead.width + this.factor.width + 22;
    this.capsule = draw("rect", "bl-token-back", { x: -broad / 2, y: -height * 0.6, width: broad, height: height * 1.2, rx: height * 0.6 });
    over.group.prepend(this.capsule);
    over.group.insertBefore(this.dot, this.lead.group);
    this.made = over.token(kind, becomes ?? `${carried} · ${factor}`, height);
    this.shift = { lead: -(this.factor.width + 10) / 2, factor: (this.lead.width + 10) / 2 };
  }

  /** @param {number} t */
  draw(t) {
    const { route, lifted, meets, made, factor, dot, capsule, shift } = this;
    const whole = route.lengths[route.lengths.length - 1];
    const meeting = meets ?? (lifted + whole) / 2;
    const lift = lifted * eased(t, 0, LIFT);
    if (meets === undefined || !made || !factor || !dot || !capsule || !shift) {
      const there = route.at(lift + (whole - lifted) * eased(t, LIFT, this.end));
      const passed = made !== undefined && t > (LIFT + this.end) / 2;
      for (const token of [this.lead, made]) if (token) put(token.group, there);
      showing(this.lead.group, !passed);
      if (made) showing(made.group, passed);
      return;
    }
    const from = LIFT + RUN;
    const to = from + TIMES;
    const here = route.at(lift + (meeting - lifted) * eased(t, LIFT, from) + (whole - meeting) * eased(t, to, this.end));
    const open = eased(t, from, from + 60) - eased(t, to - 56, to);
    const closed = t > to - 28;
    put(this.lead.group, { x: here.x + shift.lead * open, y: here.y });
    put(made.group, { x: here.x + shift.lead * open, y: here.y });
    put(factor.group, { x: here.x + shift.factor * open, y: here.y });
    put(dot, { x: here.x + (shift.lead + this.lead.width / 2 + shift.factor - factor.width / 2) / 2 * open, y: here.y });
    put(capsule, here, open, 1);
    showing(this.lead.group, !closed);
    showing(made.group, closed);
    for (const part of [factor.group, dot, capsule]) showing(part, open > 0);
  }
}

/** The two parts of a sum that waits go together. */
class Meeting {
  /** @param {Overlay} over @param {Stage} stage @param {Key} key @param {string[]} parts what waited, the sign, what came */
  constructor(over, stage, key, [waited, sign, came]) {
    const cell = over.box(/** @type {Element} */ (stage.grounds.get(key)));
    const height = Math.min(34, cell.height * 0.94);
    this.middle = cell.middle;
    this.tokens = [over.token("a", waited, height), over.token("a", (sign === "−" ? "−" : "") + came, height)];
    this.end = LIFT + RUN;
  }

  /** @param {number} t */
  draw(t) {
    const [left, right] = this.tokens;
    const apart = ((left.width + right.width) / 4 + 3) * (1 - eased(t, LIFT, this.end));
    put(left.group, { x: this.middle.x - apart, y: this.middle.y });
    put(right.group, { x: this.middle.x + apart, y: this.middle.y });
  }
}

/** What happens on one picture in one step. */
class Scenery {
  /** @param {Stage} stage @param {Told} told @param {string} before what stood where the number arrives */
  constructor(stage, told, before) {
    const { uses = [], gives = "" } = told;
    this.over = new Overlay(stage.svg);
    const after = stage.now.get(gives) ?? "";
    const { width, height, middle } = this.over.box(landingOf(stage, gives));
    this.middle = middle;
    const mapped = stage.grounds.get(gives)?.classList.contains("bl-mapped");
    if (!mapped && uses.length) this.cover = this.covered(stage, gives, uses.includes(gives) ? "" : before);
    this.ring = draw("rect", `bl-token-ring bl-token-${gives[0]}`, { x: -width / 2, y: -height / 2, width, height, rx: 6 });
    this.over.group.append(this.ring);
    this.movers = this.moving(stage, told, before, after);
    if (!this.movers.length) this.cover?.remove();
    this.lands = Math.max(0, ...this.movers.map((mover) => mover.end));
    this.end = this.lands + POP;
  }

  /** What stood in a cell, over what stands there now. @param {Stage} stage @param {Key} key @param {string} before */
  covered(stage, key, before) {
    const text = /** @type {SVGTextElement} */ (stage.texts.get(key)?.[0]);
    const ground = /** @type {Element} */ (stage.grounds.get(key));
    const cover = /** @type {SVGGElement} */ (/** @type {Element} */ (text.parentNode).cloneNode(false));
    const [paper, was] = [ground, text].map((one) => /** @type {SVGElement} */ (one.cloneNode(false)));
    const { x, y, width, height } = this.over.box(ground);
    for (const [name, at] of Object.entries({ x, y, width, height })) paper.setAttribute(name, String(at));
    paper.setAttribute("class", `bl-cell-${key[0]}`);
    was.setAttribute("class", "bl-num");
    cover.append(paper, was);
    fitNumber(was, before);
    for (const name of ["data-key", "data-k"]) for (const one of [paper, was]) one.removeAttribute(name);
    this.over.group.append(cover);
    return cover;
  }

  /** @param {Stage} stage @param {Told} told @param {string} before @param {string} after @returns {(Trip | Meeting)[]} */
  moving(stage, { uses = [], gives = "", lit }, before, after) {
    const id = Number(gives.slice(1));
    if (uses.includes(gives)) {
      const parts = before.split(/ ([+−]) /);
      return parts.length === 3 ? [new Meeting(this.over, stage, gives, parts)] : [];
    }
    const from = (/** @type {Edge} */ edge) => `${gives[0]}${edge.to === id ? edge.from : edge.to}`;
    const lines = Object.keys(lit).flatMap((key) => (key[0] === "e" ? stage.fold.edge(key) ?? [] : []));
    const wanted = lines.filter((edge) => uses.includes(from(edge))); // a constant's tangent stays
    const back = wanted.some((edge) => edge.to !== id);
    const single = back || wanted.length === 1;
    const trips = wanted.map((edge) => ({
      edge, back, end: gives, start: from(edge),
      becomes: single ? arrived(before, after) : null,
    }));
    return trips.every((trip) => stage.grounds.has(trip.start) && stage.group(trip.edge.id)?.querySelector(".bl-wire")) ? trips.map((trip) => new Trip(this.over, stage, trip)) : [];
  }

  /** @param {number} t */
  draw(t) {
    const landed = t >= this.lands;
    for (const mover of this.movers) mover.draw(Math.min(t, mover.end));
    if (this.cover) showing(this.cover, !landed);
    for (const other of this.over.group.children) if (other !== this.ring && other !== this.cover && landed) showing(other, false);
    showing(this.ring, landed);
    put(this.ring, this.middle, 1.25 - 0.25 * eased(t, this.lands, this.end));
  }
}

/** Plays the motion of a step on all pictures of a player. */
class Motion {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    /** @type {Scenery[]} */
    this.scenes = [];
    this.waits = 0;
    this.held = false; // a key that is held down steps too fast for it
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.over = new AbortController(); // the root outlives this player
    const options = { signal: this.over.signal, capture: true };
    player.root.addEventListener("keydown", ({ repeat }) => this.interrupted(repeat), options);
    player.root.addEventListener("pointerdown", () => this.interrupted(false), options);
  }

  /** @param {boolean} held */
  interrupted(held) {
    this.held = held;
    this.end();
  }

  /** Whether anything is to move now. */
  get wanted() {
    return this.player.mind.motion && !this.held && !this.calm.matches;
  }

  /** Show how a step came about that stands there already. @param {number} at */
  play(at) {
    if (!this.wanted) return;
    this.waits = requestAnimationFrame((start) => {
      const frame = this.player.film.frames[at];
      const parts = this.player.stages.map((_, k) => (frame.both ? frame.both[k] : frame));
      this.player.stages.forEach((stage, k) => {
        const { gives } = parts[k];
        if (gives && stage.grounds.has(gives) && stage.element.clientWidth) this.scenes.push(new Scenery(stage, parts[k], stage.undo[stage.at]?.[gives] ?? ""));
      });
      this.draw(0);
      this.waits = requestAnimationFrame((now) => this.tick(start, now));
    });
  }

  /** @param {number} start @param {number} now */
  tick(start, now) {
    if (!this.draw(now - start)) this.end();
    else this.waits = requestAnimationFrame((next) => this.tick(start, next));
  }

  /** What is seen after some milliseconds; whether there is more to come. @param {number} t */
  draw(t) {
    for (const scene of this.scenes) scene.draw(t);
    return this.scenes.some((scene) => t < scene.end);
  }

  /** Take away what is in the way of the numbers that stand there. */
  end() {
    cancelAnimationFrame(this.waits);
    for (const { over } of this.scenes) over.group.remove();
    this.scenes = [];
  }

  /** The player goes. */
  close() {
    this.end();
    this.over.abort();
  }
}

const REMEMBERED = "backprop_lab.motion";

/** Whether numbers move, as the person said last in this browser; where nothing is kept, they do. */
function movesAtFirst() {
  try {
    return localStorage.getItem(REMEMBERED) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
function rememberMotion(on) {
  try {
    localStorage.setItem(REMEMBERED, on ? "on" : "off");
  } catch {
    // a page that keeps nothing
  }
}
