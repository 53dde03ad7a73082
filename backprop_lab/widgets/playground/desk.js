// Beside the picture: the list of runs, and what the chosen one does: method, rate, other settings, batch, start.

/** What a run is called: its method, its rate, and its batch if that is not all. @param {RunData} run */
function nameOf(run) {
  return `${METHODS[run.method].title}, rate\u00a0${wrote(run.rate, 3)}${run.batch ? `, batch\u00a0${run.batch}` : ""}`;
}

/** A box for a number with its name. @param {string} label @param {string} focus @param {(x: number) => string} set what is wrong with a number, or nothing @param {(trouble: string) => void} tell */
function numberBox(label, focus, set, tell) {
  const box = make("label", "bl-choice");
  const input = Object.assign(make("input", "bl-number"), { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
  input.dataset.focus = focus;
  input.setAttribute("aria-label", label);
  box.append(make("span", "bl-number-name", read(label)), input);
  const take = () => {
    const { value, trouble } = typedNumber(input.value);
    const wrong = trouble ?? set(value);
    if (!wrong) return;
    input.setAttribute("aria-invalid", "true");
    tell(wrong);
  };
  input.addEventListener("change", take);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") take();
    if (event.key !== "Escape") event.stopPropagation(); // it is written in
  });
  return { box, input };
}

/** The sample of a run's line: what it looks like on the pictures. @param {number} style */
function sampleOf(style) {
  const svg = draw("svg", `bl-sample bl-run bl-run-${style}`, { width: 44, height: 16, viewBox: "0 0 44 16", "aria-hidden": "true" });
  svg.append(draw("path", "bl-way", { d: "M1 8h42", "stroke-dasharray": DASHES[style] }), draw("path", "bl-way-here", { d: MARKS[style](22, 8, 5) }));
  return svg;
}

const DECADES = [-4, 2]; // of the rate's rail

class Desk {
  /** @param {Playground} playground */
  constructor(playground) {
    this.playground = playground;
    const { data } = playground.terrain;
    this.list = make("ul", "bl-runs");
    this.list.setAttribute("aria-label", "runs");
    this.adds = pusher("add a run", () => playground.add(), "Keep this run and go on with a copy of it (a)");
    this.trouble = make("div", "bl-trouble");
    this.trouble.setAttribute("role", "alert");
    this.method = select("method", Object.entries(METHODS).map(([name, { title }]) => [name, title]), "", (name) => playground.change({ method: name, settings: {}, rate: playground.run.method === name ? playground.run.rate : playground.rateFor(name) }));
    this.method.list.dataset.focus = "method";
    this.rule = make("div", "bl-rule-text");
    this.rail = Object.assign(make("input", "bl-turn bl-rate"), { type: "range", min: String(DECADES[0] * 20), max: String(DECADES[1] * 20), step: "1" });
    this.rail.setAttribute("aria-label", "rate");
    this.rail.dataset.focus = "rail";
    this.rail.addEventListener("input", () => playground.change({ rate: Number((10 ** (Number(this.rail.value) / 20)).toPrecision(3)) }));
    const tell = (/** @type {string} */ text) => {
      this.trouble.textContent = text;
    };
    this.tell = tell;
    this.rate = numberBox("rate", "rate", (x) => this.rated(x), tell);
    this.rate.box.insertBefore(this.rail, this.rate.input);
    this.settings = make("div", "bl-settings-row");
    this.starts = data.names.map((name, k) => numberBox(`start ${name}`, `start-${k}`, (x) => {
      playground.place(playground.run.start.map((old, j) => (j === k ? x : Number(old))));
      return "";
    }, tell));
    const rows = data.rows.length;
    const sizes = [...new Set([0, ...playground.batches])].filter((size) => size < rows);
    this.batch = rows ? select("batch", sizes.map((size) => [String(size), size ? `${size} of ${rows}${size === 1 ? ": stochastic" : ": mini-batch"}` : `all ${rows}`]), "", (size) => playground.change({ batch: Number(size) })) : null;
    this.together = ticker("all runs start here", "Moving the start moves that of every run", Boolean(playground.mind.together), (on) => {
      playground.mind.together = on;
      if (on) playground.place(playground.run.start.map(Number));
    });
    this.ahead = ticker("show the way ahead", "What is still to come, as a dotted line (w)", playground.mind.ahead, (on) => playground.foresee(on));
    this.element = this.build();
  }

  build() {
    const made = make("div", "bl-desk");
    const head = make("div", "bl-runs-head");
    head.append(make("span", "bl-runs-title", "Runs"), this.adds);
    const row = (/** @type {(Element | null | undefined)[]} */ ...parts) => {
      const line = make("div", "bl-desk-row");
      line.append(...parts.flatMap((part) => part ?? []));
      return line;
    };
    this.fields = make("div", "bl-fields");
    this.fields.setAttribute("role", "group");
    this.fields.append(row(this.method.box, this.batch?.box), row(this.rate.box), this.settings, this.rule, row(...this.starts.map(({ box }) => box)), row(this.ahead, this.together), this.trouble);
    made.append(head, this.list, this.fields);
    return made;
  }

  /** @param {number} x */
  rated(x) {
    if (x === 0) return "With a rate of 0 nothing moves; give a rate above 0, such as 0.1.";
    if (x < 0) return "A rate below 0 walks uphill; give a rate above 0, such as 0.1.";
    this.playground.change({ rate: x });
    return "";
  }

  /** The fields are those of the chosen run. */
  show() {
    const { playground } = this;
    const { run, chosen, runs, surface } = playground;
    const keep = (/** @type {HTMLInputElement} */ input, /** @type {string} */ text) => {
      input.removeAttribute("aria-invalid");
      if (treeOf(input).activeElement !== input || typedNumber(input.value).value !== typedNumber(text).value) input.value = text;
    };
    this.trouble.textContent = "";
    this.fields?.setAttribute("aria-label", `run ${chosen + 1}`);
    this.method.list.value = run.method;
    this.rail.value = String(Math.round(20 * Math.log10(run.rate)));
    this.rail.setAttribute("aria-valuetext", wrote(run.rate, 3));
    keep(this.rate.input, wrote(run.rate, 4));
    this.starts.forEach(({ input }, k) => keep(input, wrote(Number(run.start[k]), 5)));
    if (this.batch) this.batch.list.value = String(run.batch);
    this.together.hidden = runs.length < 2;
    const settings = Object.entries(METHODS[run.method].settings).filter(([name]) => name !== "rate");
    if (this.settings.dataset.of !== run.method) {
      this.settings.dataset.of = run.method;
      this.boxes = settings.map(([name]) => {
        const made = numberBox(surface.symbols[name] ?? name, `setting-${name}`, (x) => {
          playground.change({ settings: { ...playground.run.settings, [name]: x } });
          return "";
        }, this.tell);
        return { name, ...made };
      });
      this.settings.replaceChildren(...this.boxes.map(({ box }) => box));
      this.settings.hidden = !settings.length;
      this.rule.innerHTML = surface.rules[run.method] ?? "";
      this.rule.title = METHODS[run.method].source;
    }
    for (const { name, input } of this.boxes ?? []) keep(input, wrote(run.settings[name] ?? METHODS[run.method].settings[name], 4));
    this.enlist();
  }

  /** The runs as a list, each with its line, how it is, and a button to take it away. */
  enlist() {
    const { playground } = this;
    const { runs, chosen } = playground;
    const wanted = runs.map((run) => [run.style, nameOf(run)].join()).join("|");
    if (this.list.dataset.of !== wanted) {
      this.list.dataset.of = wanted;
      const { activeElement } = treeOf(this.list);
      const focused = /** @type {HTMLElement | null} */ (activeElement && this.list.contains(activeElement) ? activeElement : null)?.dataset.focus;
      this.list.replaceChildren(...runs.map((run, k) => this.item(run, k)));
      /** @type {HTMLElement | null} */ (focused ? this.list.querySelector(`[data-focus="${focused}"]`) ?? playground.root : null)?.focus({ preventScroll: true });
    }
    this.adds.disabled = runs.length >= RUNS;
    [...this.list.children].forEach((item, k) => {
      const [choose] = item.children;
      choose.setAttribute("aria-pressed", String(k === chosen));
      const state = /** @type {HTMLElement} */ (choose.lastElementChild);
      const text = playground.state(runs[k]);
      if (state.textContent !== text) state.textContent = text;
      const { course } = runs[k];
      choose.classList.toggle("bl-diverged", climbs(course) && playground.at >= course.steps.length - 1);
    });
  }

  /** @param {Run2} run @param {number} k */
  item(run, k) {
    const { playground } = this;
    const item = make("li", "");
    const choose = make("button", "bl-run-button");
    choose.type = "button";
    choose.dataset.focus = `run-${k}`;
    choose.title = `Choose run ${k + 1} (${k + 1})`;
    choose.append(sampleOf(run.style), make("span", "bl-run-name", nameOf(run)), make("span", "bl-run-state"));
    choose.addEventListener("click", () => playground.choose(k));
    item.append(choose);
    if (playground.runs.length > 1) {
      const away = make("button", "bl-away", "×");
      away.type = "button";
      away.title = `Take run ${k + 1} away`;
      away.setAttribute("aria-label", `take run ${k + 1} away: ${nameOf(run)}`);
      away.addEventListener("click", () => playground.remove(k));
      item.append(away);
    }
    return item;
  }
}
