// How far a step goes: an edge (in two modes side by side a tick), a node, a phase; of a folded graph also a box.

class Pace {
  /** @type {Record<string, number[]>} where one comes to rest; at each step if it says nothing */
  rests = {};

  /** @param {Film} film @param {Folding} fold @param {Mind} mind */
  constructor(film, fold, mind) {
    this.film = film;
    this.fold = fold;
    this.mind = mind;
    this.last = film.frames.length - 1;
    this.choices = [...(fold.folded ? [["box", "box"]] : []), ["edge", film.panes ? "tick" : "edge"], ["node", "node"], ["phase", "phase"]];
    if (!mind.pace || (mind.pace === "box" && !fold.folded)) mind.pace = this.choices[0][0];
    this.swap();
  }

  /** Other parts are open: boxes have their turns elsewhere. */
  swap() {
    const { stops, frames } = this.film;
    this.rests = { node: stops.node, phase: stops.phase, ...(this.fold.folded ? { box: this.fold.rests(frames) } : {}) };
  }

  /** The next rest. @param {number} at @param {string} [kind] */
  after(at, kind = this.mind.pace) {
    return this.rests[kind] ? (this.rests[kind].find((k) => k > at) ?? this.last) : at + 1;
  }

  /** The rest before. @param {number} at @param {string} [kind] */
  before(at, kind = this.mind.pace) {
    return this.rests[kind] ? (this.rests[kind].findLast((k) => k < at) ?? 0) : at - 1;
  }

  /** The position from which the steps that lead to `to` are told together. @param {number} to */
  begins(to) {
    return this.mind.pace === "phase" ? to - 1 : this.before(to);
  }

  /** What is told of the steps since the last rest: of a folded part only the last one, and how many there were. @param {Frame[]} frames @param {number} to @param {string} [kind] @returns {[Frame[], string]} */
  within(frames, to, kind = this.mind.pace) {
    const box = kind === "box" && to > 0 ? this.fold.doer(this.film.frames[to]) : "";
    if (box[0] !== "g" || frames.length < 2) return [frames, ""];
    return [frames.slice(-1), `${several(frames.length, "step")} in ${this.fold.label(box)}. The last one: `];
  }

  /** The pace that comes after this one in the list. */
  other() {
    const order = this.choices.map(([name]) => name);
    return order[(order.indexOf(this.mind.pace) + 1) % order.length];
  }
}
