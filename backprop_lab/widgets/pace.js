// How far a step goes: an edge (in two modes side by side a tick), a node, a phase; of a folded graph also a box.

const MOST_IN_ONE = 2; // steps of a node that are told together in a folded graph

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
    this.rests = { node: stops.node, phase: stops.phase, ...(this.fold.folded ? { box: boxRests(this.fold, frames) } : {}) };
  }

  /** The next rest. @param {number} at @param {string} [kind] */
  after(at, kind = this.mind.pace) {
    return this.rests[kind] ? (this.rests[kind][firstAfter(this.rests[kind], at)] ?? this.last) : at + 1;
  }

  /** The rest before. @param {number} at @param {string} [kind] */
  before(at, kind = this.mind.pace) {
    return this.rests[kind] ? (this.rests[kind][firstAfter(this.rests[kind], at - 1) - 1] ?? 0) : at - 1;
  }

  /** The position from which the steps that lead to `to` are shown together; -1 before the first step. @param {number} to */
  begins(to) {
    return this.mind.pace === "phase" ? to - 1 : Math.min(to && this.before(to), to - 1);
  }

  /**
   * What is told of the steps between two rests. A folded graph has hundreds of them: of a folded part, and of a node with
   * more steps than a line has room for, only the last one is told, and how many there were.
   * @param {number} from @param {number} to @param {string} [kind] @returns {[Frame[], string]}
   */
  within(from, to, kind = this.mind.pace) {
    const { film, fold } = this;
    const [steps, { by, id }] = [to - from, film.frames[to]];
    const box = kind === "box" && to > 0 ? fold.doer(film.frames[to]) : "";
    const where = steps < 2 ? "" : box[0] === "g" ? `in ${fold.label(box)}` : fold.folded && steps > MOST_IN_ONE ? `of ${film.names[by ?? id ?? -1]}` : "";
    return [film.frames.slice(where ? to : from + 1, to + 1), where && `${several(steps, "step")} ${where}. The last one: `];
  }

  /** The pace that comes after this one in the list. */
  other() {
    const order = this.choices.map(([name]) => name);
    return order[(order.indexOf(this.mind.pace) + 1) % order.length];
  }
}
