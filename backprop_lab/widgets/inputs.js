// Inputs that follow the hand: the number on an input's node is a slider, by dragging, wheel or keys, with a rail below it
// and a mark where it started. Whatever shows an input's number moves with it, and so does all that follows from it.

const GESTURE = 300; // milliseconds without a wheel's event, after which it may mean something else

/** How an input moves: the ends of its rail, and a step that is a round number. @param {number} start */
function railOf(start) {
  const reach = Number.isFinite(start) ? Math.max(1, Math.abs(start)) : 1;
  const middle = Number.isFinite(start) ? start : 0;
  return { from: middle - reach, to: middle + reach, reach, unit: 10 ** Math.floor(Math.log10(reach)) / 100 };
}

/** One input's number on one picture. */
class Handle {
  /** @param {Handles} all @param {number} id @param {Element} cell */
  constructor(all, id, cell) {
    const { live } = all;
    this.all = all;
    this.id = id;
    this.name = live.names[id];
    this.low = live.entries?.[id].at === undefined ? 4 : 0; // how far above the ground's end the rail is
    this.cell = /** @type {SVGGElement} */ (cell);
    this.rail = railOf(live.start[id]);
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(cell.querySelector("rect")?.getAttribute(name)));
    this.ends = [x + 7, x + width - 7];
    const middle = y + height - this.low;
    this.knob = draw("circle", "bl-knob", { cy: middle, r: 3.2 });
    const line = draw("path", "bl-rail", { d: `M${this.ends[0]} ${middle}H${this.ends[1]}` });
    const mark = draw("path", "bl-start", { d: `M${this.place(live.start[id]).toFixed(1)} ${middle - 4}v8` });
    cell.append(line, mark, this.knob);
    cell.classList.add("bl-input");
    for (const [name, value] of Object.entries({ tabindex: "0", role: "slider", "aria-label": `input ${this.name}`, "aria-valuemin": this.rail.from, "aria-valuemax": this.rail.to, "data-input": this.name, "data-focus": `input-${this.name}` })) cell.setAttribute(name, String(value));
    this.listen();
    this.renew();
  }

  /** Where a number is on the rail. @param {number} x */
  place(x) {
    const { from, to } = this.rail;
    const share = Math.max(0, Math.min(1, (x - from) / (to - from))) || 0;
    return this.ends[0] + share * (this.ends[1] - this.ends[0]);
  }

  get now() {
    return this.all.live.inputs[this.id];
  }

  renew() {
    this.knob.setAttribute("cx", this.place(this.now).toFixed(1));
    this.cell.setAttribute("aria-valuenow", String(Math.max(this.rail.from, Math.min(this.rail.to, this.now)) || 0));
    this.cell.setAttribute("aria-valuetext", wrote(this.now));
  }

  /** @param {number} x */
  set(x) {
    const { unit } = this.rail;
    this.all.player.move({ [this.name]: Number((Math.round(x / unit) * unit).toPrecision(12)) });
  }

  back() {
    this.all.player.move({ [this.name]: this.all.live.start[this.id] });
  }

  listen() {
    const { cell, rail } = this;
    /** @type {{x: number, from: number, moved: boolean} | null} */
    let held = null;
    let dragged = false;
    cell.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      cell.setPointerCapture(event.pointerId);
      cell.focus({ preventScroll: true });
      held = { x: event.clientX, from: this.now, moved: false };
    });
    cell.addEventListener("pointermove", (event) => {
      if (!held || (!held.moved && Math.abs(event.clientX - held.x) < 3)) return;
      held.moved = true;
      const width = (this.ends[1] - this.ends[0]) * (cell.getScreenCTM()?.a ?? 1);
      this.set(held.from + ((event.clientX - held.x) * 2 * rail.reach) / Math.max(width, 120));
    });
    for (const end of ["pointerup", "pointercancel"]) cell.addEventListener(end, () => {
      dragged = Boolean(held?.moved);
      held = null;
    });
    cell.addEventListener("click", (event) => {
      if (dragged) event.stopPropagation(); // it chooses no node
      dragged = false;
    });
    cell.addEventListener("dblclick", () => this.back());
    cell.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.timeStamp - this.all.elsewhere < GESTURE) return; // a page that is being scrolled goes on
      event.preventDefault();
      const by = event.deltaY || event.deltaX;
      if (by) this.set(this.now - Math.sign(by) * 5 * rail.unit);
    }, { passive: false });
    cell.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 5 * this.rail.unit * (event.shiftKey ? 0.2 : 1);
    const by = { ArrowUp: step, ArrowRight: step, ArrowDown: -step, ArrowLeft: -step, PageUp: 10 * step, PageDown: -10 * step }[event.key];
    if (by !== undefined) this.set(this.now + by);
    else if (event.key === "Home" || event.key === "Backspace") this.back();
    else return;
    event.preventDefault();
    event.stopPropagation(); // else the player steps
  }
}

/** The inputs' numbers on all pictures of a player. */
class Handles {
  /** @param {Player} player @param {Live} live */
  constructor(player, live) {
    this.player = player;
    this.live = live;
    this.elsewhere = -Infinity; // when a wheel was last turned away from the numbers
    /** @type {Handle[]} */
    this.all = [];
    this.over = new AbortController();
    window.addEventListener("wheel", (event) => {
      if (!(/** @type {Element} */ (event.composedPath()[0]).closest?.("[data-input]"))) this.elsewhere = event.timeStamp;
    }, { capture: true, passive: true, signal: this.over.signal });
  }

  /** Make handles of the numbers that are seen. */
  mount() {
    this.all = this.player.stages.flatMap((stage) => {
      const cells = this.live.names.map((_, id) => this.ground(stage, id));
      if (cells.some(Boolean)) stage.svg.setAttribute("role", "group"); // an image has nothing in it to move
      return cells.flatMap((cell, id) => (cell ? [new Handle(this, id, cell)] : []));
    });
  }

  /** What an input's number stands on. @param {Stage} stage @param {number} id */
  ground(stage, id) {
    const entry = this.live.entries?.[id];
    const group = stage.groups.get(`n${entry?.node ?? id}`);
    if (entry?.at === undefined) return group?.querySelector(".bl-cell");
    const [place, map] = [stage.heat?.places.get(`p${entry.node}`), stage.heat?.ever(`p${entry.node}`)];
    return place && map ? groundOfEntry(place, entry, map) : null;
  }

  renew() {
    for (const handle of this.all) handle.renew();
  }
}
