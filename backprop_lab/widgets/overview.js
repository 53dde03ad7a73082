// The map of a picture that does not fit its place: all of it, small. What is open is framed, what the run has reached is
// filled; a frame says what is seen, a ring where the step is. A click, a drag or the arrow keys move what is seen.

const MAP = 112; // pixels, of the longer side
const HIDES = 24; // pixels of a picture that are out of view before there is a map
const CLEAR = 200; // so much may be covered by a map that is not seen through
const NARROWEST = 28; // of the shorter one, so that it can be hit
const HALF = [0, 0.25, 0.5, 0.75, 1]; // and places between the corners
const MAP_PLACES = [[1, 1], [0, 1], [1, 0], [0, 0], ...[1, 0].flatMap((side) => HALF.flatMap((at) => [[side, at], [at, side]]))]; // right and below: where the map likes to be first

/** @typedef {{left: number, top: number, right: number, bottom: number}} Place */

/** How much of one rectangle lies in another one. @param {Place} a @param {Place} b */
function shared(a, b) {
  const [wide, high] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
  return wide > 0 && high > 0 ? wide * high : 0;
}

class Overview {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {SVGSVGElement | null} the picture that is drawn */
    this.of = null;
    this.corner = 0;
    /** @type {Map<Key, Place & {mark: SVGElement}>} the boxes, in the picture's units */
    this.boxes = new Map();
    /** @type {Place[]} what the map had better not cover, either: names beside lines, what closes a frame */
    this.others = [];
    this.element = make("div", "bl-overview");
    this.element.hidden = true;
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "map of the whole graph: the arrow keys move what is seen of it");
    this.element.title = "The whole graph: click, or use the arrow keys here, to move what is seen (v)";
    this.svg = draw("svg", "", { "aria-hidden": "true" });
    this.view = draw("rect", "bl-overview-view", {});
    this.now = draw("circle", "bl-overview-now", {});
    this.status = make("span", "bl-hidden");
    this.status.setAttribute("role", "status");
    this.element.append(this.svg, this.status);
    stage.element.addEventListener("scroll", () => this.look(), { passive: true });
    this.watch = new ResizeObserver(() => this.show());
    this.watch.observe(stage.element);
    this.watch.observe(stage.canvas);
    this.listen();
  }

  listen() {
    const { element } = this;
    const go = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const { left, top, width } = this.svg.getBoundingClientRect();
      const unit = this.svg.viewBox.baseVal.width / width;
      this.center((clientX - left) * unit, (clientY - top) * unit);
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      go(event);
    });
    element.addEventListener("pointermove", (event) => element.hasPointerCapture(event.pointerId) && go(event));
    element.addEventListener("pointerup", () => this.tell());
    element.addEventListener("keydown", (event) => {
      const { left, right, top, bottom } = this.seen();
      const [x, y, wide, high] = [(left + right) / 2, (top + bottom) / 2, 0.6 * (right - left), 0.6 * (bottom - top)];
      /** @type {Record<string, [number, number]>} */
      const ways = { ArrowLeft: [x - wide, y], ArrowRight: [x + wide, y], ArrowUp: [x, y - high], ArrowDown: [x, y + high], Home: [0, 0], End: [Infinity, Infinity] };
      if (event.key === "Escape") focusPlayer(element);
      else if (ways[event.key]) this.center(...ways[event.key]);
      else return; // one of the player's
      event.preventDefault();
      event.stopPropagation();
      this.tell();
    });
  }

  /** The player is elsewhere, or another picture or another part of it is seen. */
  show() {
    const { element: { scrollWidth, clientWidth, scrollHeight, clientHeight }, svg } = this.stage;
    this.element.hidden = scrollWidth <= clientWidth + HIDES && scrollHeight <= clientHeight + HIDES;
    if (this.element.hidden) return;
    if (svg !== this.of) this.draw();
    const seen = this.seen(); // what is asked of the page comes before what is changed, or it is laid out in between
    this.settle(seen);
    this.mark();
    this.look(seen);
  }

  /** A rectangle of the page in the picture's units. @param {Element} element @returns {Place} */
  placed(element) {
    const { svg } = this.stage;
    const [all, own] = [svg.getBoundingClientRect(), element.getBoundingClientRect()];
    const unit = svg.viewBox.baseVal.width / all.width;
    const [left, top] = [(own.left - all.left) * unit, (own.top - all.top) * unit];
    return { left, top, right: left + own.width * unit, bottom: top + own.height * unit };
  }

  /** Draw the picture's boxes and frames. */
  draw() {
    const { svg, groups } = this.stage;
    const { width, height } = svg.viewBox.baseVal;
    const scale = Math.min(MAP / width, MAP / height);
    this.of = svg;
    const frames = [...svg.querySelectorAll(".bl-frame-line")].map((frame) => this.placed(frame));
    const shapes = [...groups].flatMap(([key, group]) => {
      const shape = "ng".includes(key[0]) && group.querySelector(".bl-shape");
      return shape ? [{ key, place: this.placed(shape) }] : [];
    });
    this.others = [...svg.querySelectorAll(".bl-close, .bl-spark-name, .bl-spark-high, .bl-spark-low, .bl-frame-title, .bl-statement-code, .bl-partial")].map((one) => this.placed(one));
    this.boxes.clear();
    this.svg.replaceChildren();
    for (const [name, size] of /** @type {[string, number][]} */ ([["width", width], ["height", height]])) this.svg.setAttribute(name, Math.max(NARROWEST, size * scale).toFixed(1));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const block = (/** @type {string} */ css, /** @type {Place} */ { left, top, right, bottom }) => {
      const made = draw("rect", css, { x: left, y: top, width: right - left, height: bottom - top });
      this.svg.append(made);
      return made;
    };
    for (const frame of frames) block("bl-overview-frame", frame);
    for (const { key, place } of shapes) this.boxes.set(key, { ...place, mark: block("bl-overview-box", place) });
    this.now.setAttribute("r", String(5 / scale));
    this.svg.append(this.view, this.now);
  }

  /** What the run has reached, and where the step is. */
  mark() {
    const { stage } = this;
    for (const [key, { mark }] of this.boxes) {
      const id = stage.fold.result(key);
      const reached = ["a", "p"].find((letter) => stage.shown(letter + id));
      const css = reached ? `bl-overview-box bl-overview-${reached}` : "bl-overview-box";
      if (mark.getAttribute("class") !== css) mark.setAttribute("class", css);
    }
    const here = this.here();
    this.now.toggleAttribute("hidden", !here);
    if (!here) return;
    this.now.setAttribute("cx", String((here.left + here.right) / 2));
    this.now.setAttribute("cy", String((here.top + here.bottom) / 2));
  }

  /** The box of the step. */
  here() {
    const lit = this.stage.lights.with("bl-write").findLast((g) => g.classList.contains("bl-node"));
    return lit && this.boxes.get(markOf(lit));
  }

  /** What is seen, in the picture's units. */
  seen() {
    const { left, top, right, bottom } = this.placed(this.stage.element);
    const { width, height } = this.stage.svg.viewBox.baseVal;
    return { left: Math.max(0, left), top: Math.max(0, top), right: Math.min(width, right), bottom: Math.min(height, bottom) };
  }

  /** The frame around what is seen. */
  look(seen = this.seen()) {
    if (this.element.hidden) return;
    const { left, top, right, bottom } = seen;
    for (const [name, x] of /** @type {[string, number][]} */ ([["x", left], ["y", top], ["width", right - left], ["height", bottom - top]])) setLength(this.view, name, x);
  }

  /** Stand at the rim where least is covered; not elsewhere for little. */
  settle(seen = this.seen()) {
    const { offsetLeft, offsetTop, clientWidth, clientHeight } = this.stage.element;
    const { offsetWidth, offsetHeight } = this.element;
    const unit = (seen.right - seen.left) / clientWidth;
    const here = this.here();
    const covered = MAP_PLACES.map(([right, below]) => {
      const left = seen.left + right * (clientWidth - offsetWidth - 8) * unit;
      const top = seen.top + below * (clientHeight - offsetHeight - 8) * unit;
      const own = { left, top, right: left + (offsetWidth + 8) * unit, bottom: top + (offsetHeight + 8) * unit };
      const count = (/** @type {Iterable<Place>} */ places) => [...places].reduce((sum, place) => sum + shared(own, place), 0);
      return count(this.boxes.values()) + 6 * count(this.others) + (here ? 20 * shared(own, here) : 0);
    });
    const least = Math.min(...covered);
    if (covered[this.corner] > 1.5 * least + 400) this.corner = covered.indexOf(least);
    this.element.classList.toggle("bl-over", covered[this.corner] > CLEAR);
    const [right, below] = MAP_PLACES[this.corner];
    this.element.style.left = `${offsetLeft + 8 + right * (clientWidth - offsetWidth - 16)}px`;
    this.element.style.top = `${offsetTop + 8 + below * (clientHeight - offsetHeight - 16)}px`;
  }

  /** Show what is around a place, in the picture's units. @param {number} x @param {number} y */
  center(x, y) {
    const { element, svg } = this.stage;
    const { left, right, top, bottom } = this.seen();
    const unit = svg.viewBox.baseVal.width / svg.getBoundingClientRect().width;
    const { width, height } = svg.viewBox.baseVal;
    element.scrollLeft += (Math.min(width, x) - (left + right) / 2) / unit;
    element.scrollTop += (Math.min(height, y) - (top + bottom) / 2) / unit;
    this.look();
  }

  /** Say what is seen, and where the rest is. */
  tell() {
    const { fold } = this.stage;
    const view = this.seen();
    const where = (/** @type {Place} */ { left, top, right, bottom }) => {
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      return y < view.top ? "above" : y > view.bottom ? "below" : x < view.left ? "to the left" : x > view.right ? "to the right" : "in view";
    };
    /** @type {Map<string, Key[]>} */
    const places = new Map();
    for (const key of fold.order) if (this.boxes.has(key)) into(places, where(/** @type {Place} */ (this.boxes.get(key))), key);
    const own = places.get("in view") || [];
    places.delete("in view");
    const ends = own.length > 1 ? `${fold.label(own[0])} to ${fold.label(own[own.length - 1])}` : own.length ? fold.label(own[0]) : "no box";
    const rest = listed([...places].map(([side, keys]) => `${keys.length} ${side}`));
    const here = this.here();
    this.status.textContent = `In view: ${ends}.${rest ? ` Of the other boxes ${rest}.` : ""}${here ? ` The step is ${where(here)}.` : ""}`;
  }

  end() {
    this.watch.disconnect();
  }
}

/** @type {KeyEntry<Player>} */
const MAPPING = {
  keys: "v",
  says: "the map of a graph that is not all in view; on it the arrow keys move what is seen, Home and End too",
  on: {
    v: (p) => {
      const map = p.maps.find(({ element }) => !element.hidden);
      if (!map) return p.look.say("The whole graph is in view.");
      map.element.focus({ preventScroll: true });
      return map.tell();
    },
  },
};

const AROUND = 100; // pixels beyond the edge that are in sight soon

/** Those of some elements that are in sight, by what they stand in. @param {Element[]} elements */
function inSight(elements) {
  /** @type {Map<Element, {top: number, bottom: number}>} */
  const frames = new Map();
  const frameOf = (/** @type {Element} */ box) => {
    const { top, bottom } = box.getBoundingClientRect();
    frames.set(box, { top: Math.max(top, 0) - AROUND, bottom: Math.min(bottom, window.innerHeight) + AROUND });
  };
  return new Set(elements.filter((element) => {
    const box = element.closest(".bl-picture, .bl-sheet, .bl-unseen");
    if (!box || box.classList.contains("bl-unseen")) return !box;
    if (!frames.has(box)) frameOf(box);
    const { top, bottom } = (element.closest("tr, .bl-cell, .bl-partial") ?? element).getBoundingClientRect();
    const frame = /** @type {{top: number, bottom: number}} */ (frames.get(box));
    return bottom > frame.top && top < frame.bottom;
  }));
}
