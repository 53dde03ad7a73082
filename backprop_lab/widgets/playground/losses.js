// The loss over the steps, all runs in one frame.

class Losses extends Plot {
  /** @param {Playground} playground */
  constructor(playground) {
    super("bl-losses", "");
    this.playground = playground;
    /** @type {Trail[]} */
    this.trails = [];
    this.now = draw("path", "bl-now-line", {});
    this.trailing = draw("g", "", {});
    this.stop = draw("path", "bl-stop", {});
    this.inside.append(this.now, this.trailing, this.stop);
    this.framed = "";
  }

  /** What the heights must show: all of runs that stay low, of those that do not a part. */
  reach() {
    const { runs } = this.playground;
    const starts = runs.map(({ course }) => course.steps[0].loss).filter(Number.isFinite);
    const cap = starts.length ? Math.max(...starts.map((x) => x + 4 * Math.abs(x))) : 1;
    const all = runs.flatMap(({ course }) => course.steps.map(({ loss }) => loss)).filter((x) => Number.isFinite(x));
    const shown = all.filter((x) => x <= cap);
    const low = Math.min(...shown);
    const high = all.some((x) => x > cap) ? cap : Math.max(...shown);
    const logarithmic = low > 0 && high > 100 * low;
    if (logarithmic) return { from: /** @type {[number, number]} */ ([10 ** (Math.floor(Math.log10(low) * 2) / 2), high * 1.5]), logarithmic };
    const step = roundStep((high - low || Math.abs(high) || 1) / 8);
    return { from: /** @type {[number, number]} */ ([Math.floor(low / step - 0.2) * step, Math.ceil(high / step + 0.2) * step]), logarithmic };
  }

  show() {
    const { runs, chosen, at, last, mind } = this.playground;
    const { from, logarithmic } = this.reach();
    const wanted = [this.width, this.height, this.type, last, ...from, logarithmic].join();
    if (wanted !== this.framed) {
      this.framed = wanted;
      this.frame([0, last], from, logarithmic);
      this.ground.replaceChildren(...this.axes("step", logarithmic ? "loss (powers of ten)" : "loss"));
    }
    if (this.trails.length !== runs.length || this.trails.some(({ style }, k) => style !== runs[k].style)) this.trails = runs.map(({ style }) => new Trail(style));
    this.trailing.replaceChildren(...this.trails.filter((_, k) => k !== chosen).map(({ group }) => group), this.trails[chosen].group);
    const low = this.box.bottom + 1e4;
    runs.forEach(({ course }, k) => {
      this.trails[k].group.classList.toggle("bl-chosen", k === chosen);
      const points = course.steps.map(({ loss }, step) => [this.x.at(step), Number.isFinite(loss) ? (loss > 0 || !logarithmic ? this.y.at(loss) : low) : -1e4]);
      this.trails[k].show(points, at, mind.ahead, this.box, 0.36 * this.type);
    });
    const { course } = runs[chosen];
    const enters = course.enters ?? -1;
    this.stop.setAttribute("d", enters > 0 && enters <= at ? octagon(this.x.at(enters), this.y.at(course.steps[enters].loss), 0.8 * this.type) : "");
    this.now.setAttribute("d", `M${fix(this.x.at(at))} ${this.box.top}V${this.box.bottom}`);
    this.ground.setAttribute("aria-label", `Loss over ${last} steps. ${runs.map((run, k) => `Run ${k + 1}, ${nameOf(run)}: ${this.playground.state(run)}`).join(". ")}.`);
  }
}
