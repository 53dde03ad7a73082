// Pointing at a number, or at a letter that stands for one, outlines it wherever else it stands: in the formula, on the
// picture, in the table. Whatever shows it has its key as `data-k`: `p3` a value, `a3` an adjoint or tangent, `w4_0` a
// local partial, `n3` a node. Keys point as well: they choose nodes and edges, or go through the formula.

/** The key of what is under the pointer; a piece of code may name several nodes, the innermost first. @param {EventTarget | null} target */
const keyAt = (target) => /** @type {Element | null} */ (target)?.closest("[data-k]")?.getAttribute("data-k")?.split(" ")[0] ?? null;

class Pointing {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.marks = new Lights();
    /** @type {Key | null} */
    this.key = null;
    this.over = new AbortController(); // the root outlives this player
    const { signal } = this.over;
    root.addEventListener("pointerover", (event) => {
      if (event.pointerType !== "touch") this.at(keyAt(event.target)); // a finger scrolls
    }, { signal });
    root.addEventListener("pointerleave", () => this.at(null), { signal });
    root.addEventListener("focusin", (event) => this.at(keyAt(event.target)), { signal });
  }

  end() {
    this.over.abort();
  }

  /** Outline all that show what has this key; null outlines nothing. @param {Key | null} key */
  at(key) {
    if (key === this.key) return;
    this.key = key;
    this.draw();
  }

  /** What was outlined may have been replaced. */
  renew() {
    if (this.key !== null) this.draw();
  }

  draw() {
    this.marks.off();
    const { key } = this;
    if (key === null) return;
    const numbers = key[0] === "n" ? ["p", "a"].map((letter) => `, .bl-say [data-k~="${letter}${key.slice(1)}"]`) : []; // in the formula, a node is its numbers
    for (const place of this.root.querySelectorAll(`[data-k~="${key}"]${numbers.join("")}`)) this.marks.on(place, "bl-same");
  }

  /** The next or the previous part of the formula. @param {number} by */
  next(by) {
    const parts = [...new Set([...this.root.querySelectorAll(".bl-say [data-k]")].map(keyAt))];
    if (!parts.length) return false;
    const here = parts.indexOf(this.key);
    this.at(parts[(here + by + parts.length + (here < 0 && by < 0 ? 1 : 0)) % parts.length]);
    return true;
  }
}
