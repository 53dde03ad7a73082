// The start of the chosen run: a mark that is dragged, or moved by keys like a slider with two axes.

class Knob {
  /** @param {Playground} playground @param {Relief} relief */
  constructor(playground, relief) {
    this.playground = playground;
    this.relief = relief;
    this.group = draw("g", "bl-knob-start", { tabindex: "0", role: "slider", "data-focus": "start" });
    this.hand = draw("circle", "bl-grab", { r: 18 });
    this.ring = draw("circle", "bl-ring", { r: 9 });
    this.cross = draw("path", "bl-cross", { d: "M-14 0h28M0 -14v28" });
    this.word = draw("text", "bl-start-word", {}, "start");
    this.mark = draw("g", "", {});
    this.mark.append(this.hand, this.cross, this.ring);
    this.group.append(this.mark, this.word);
    this.listen();
  }

  get now() {
    return this.playground.run.start.map(Number);
  }

  show() {
    const { playground, relief, group } = this;
    const { names, span } = playground.terrain.data;
    const { course } = playground.run;
    const { box, type } = relief;
    const [x, y] = relief.place(course.steps[0].at, course.steps[0].loss);
    const inside = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) => Math.max(low, Math.min(high, Number.isNaN(at) ? high : at));
    const [px, py] = [inside(x, box.left, box.right), inside(y, box.top, box.bottom)];
    group.setAttribute("transform", `translate(${fix(px)} ${fix(py)})`);
    this.mark.setAttribute("transform", `scale(${type / 13})`);
    const right = px < box.right - 5 * type;
    this.word.setAttribute("x", String(right ? 1.1 * type : -1.1 * type));
    this.word.setAttribute("y", String(py > box.top + 2 * type ? -0.75 * type : 1.5 * type));
    this.word.setAttribute("text-anchor", right ? "start" : "end");
    const axes = names.length === 2 ? `arrows left and right move ${names[0]}, up and down ${names[1]}` : `arrows move ${names[0]}`;
    const said = names.map((name, k) => `${name} = ${wrote(this.now[k], 4)}`).join(", ");
    const kind = names.length === 2 ? { "aria-roledescription": "slider with two axes" } : {};
    for (const [name, value] of Object.entries({ ...kind, "aria-label": `start of the run: ${axes}`, "aria-valuemin": span[0][0], "aria-valuemax": span[0][1], "aria-valuenow": Math.max(span[0][0], Math.min(span[0][1], this.now[0])), "aria-valuetext": said })) group.setAttribute(name, String(value));
  }

  /** A hundredth of what is shown, as a round number. @param {number} k */
  unit(k) {
    const [from, to] = this.playground.terrain.data.span[k];
    return roundStep((to - from) / 100);
  }

  /** @param {number[]} point */
  set(point) {
    const { span } = this.playground.terrain.data;
    const kept = point.map((x, k) => {
      const unit = this.unit(k) / 10;
      return Number((Math.round(Math.max(span[k][0], Math.min(span[k][1], x)) / unit) * unit).toPrecision(12));
    });
    this.playground.place(kept);
  }

  listen() {
    const { relief, group } = this;
    const { over } = relief;
    let held = false;
    /** @type {number[]} from the hand to the mark's middle */
    let off = [0, 0];
    const where = (/** @type {PointerEvent} */ event) => {
      const { left, top } = over.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const [x, y] = where(event);
      const { box } = relief;
      const grabbed = group.contains(/** @type {Node} */ (event.target));
      if (!grabbed && (event.pointerType === "touch" || x < box.left || x > box.right || y < box.top || y > box.bottom)) return;
      event.preventDefault();
      over.setPointerCapture(event.pointerId);
      group.focus({ preventScroll: true });
      const { course } = this.playground.run;
      const middle = relief.place(course.steps[0].at, course.steps[0].loss);
      off = grabbed ? [middle[0] - x, middle[1] - y] : [0, 0];
      held = true;
      over.classList.add("bl-held");
      if (!grabbed) this.set(relief.point(x, y));
    });
    over.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [x, y] = where(event);
      this.set(relief.point(x + off[0], y + off[1]));
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) over.addEventListener(end, () => {
      held = false;
      over.classList.remove("bl-held");
    });
    group.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.key.startsWith("Page") ? 10 : event.shiftKey ? 0.2 : 1;
    const two = this.now.length === 2;
    const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: two ? [0, 1] : [1, 0], ArrowDown: two ? [0, -1] : [-1, 0], PageUp: two ? [0, 1] : [1, 0], PageDown: two ? [0, -1] : [-1, 0] }[event.key];
    if (by) this.set(this.now.map((x, k) => x + by[k] * 2 * far * this.unit(k)));
    else if (event.key === "Home" || event.key === "Backspace") this.playground.place(this.playground.first);
    else return;
    event.preventDefault();
    event.stopPropagation(); // else the playground steps
  }
}
