// Settings that need the kernel: another mode, other inputs, another output, another seed. The kernel traces the function
// again and sends a new film; the player keeps its place.

const MODE_NAMES = { value: "values only", forward: "forward mode", reverse: "reverse mode", both: "forward and reverse" };

/**
 * The panel. `ask(request)` sends what is wanted; `panel.trouble(text)` says why it cannot be.
 * @param {any} film @param {(request: any) => void} ask
 */
function settings(film, ask) {
  const options = film.options;
  const element = make("div", "bl-settings");
  element.hidden = true;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "settings");
  const trouble = make("div", "bl-trouble");
  trouble.setAttribute("role", "alert");
  const wanted = { mode: options.mode, inputs: {} };
  const lists = new Map();
  const choose = (label, choices, key) => {
    const { box, list } = select(label, choices, options[key], (chosen) => send({ [key]: chosen }));
    lists.set(key, list);
    element.append(box);
  };
  const refused = (text) => {
    trouble.textContent = text;
    for (const [key, list] of lists) {
      list.value = options[key]; // what is shown, and not what was asked for
      if (key in wanted) wanted[key] = options[key];
    }
  };
  const send = (change) => {
    trouble.textContent = "";
    Object.assign(wanted, change);
    ask(wanted);
  };

  choose("show", options.modes.map((m) => [m, MODE_NAMES[m]]), "mode");
  if (options.mode === "forward" && options.moves.length > 1) {
    choose("the input that moves", options.moves.map((n) => [n, n]), "wrt");
  }
  if (options.mode !== "value" && options.outputs.length > 1) {
    choose("derivative of", options.outputs.map((n) => [n, n]), "output");
  }
  if (options.has) choose("show constants", [["all", "all"], ["but counters", "without loop counters"], ["none", "none"]], "constants");
  if (options.mode !== "value") {
    element.append(numberBox("seed", Number(options.seed), (seed) => send({ seed }), (text) => { trouble.textContent = text; }).box);
  }
  for (const { name, value: exact } of options.inputs.slice(0, 24)) {
    const value = Number(exact); // JSON has no inf and nan, so these come as text
    const { box, field, set } = numberBox(name, value, (x) => send({ inputs: { ...wanted.inputs, [name]: x } }), (text) => { trouble.textContent = text; });
    const slider = make("input", "bl-turn");
    const reach = Math.max(1, Math.abs(value));
    Object.assign(slider, { type: "range", min: String(value - reach), max: String(value + reach), step: String(reach / 20) });
    slider.value = String(value);
    slider.setAttribute("aria-label", `${name}, by slider`);
    slider.addEventListener("input", () => {
      set(Number(slider.value));
    });
    slider.addEventListener("change", () => {
      const x = Number(Number(slider.value).toPrecision(6));
      send({ inputs: { ...wanted.inputs, [name]: x } });
    });
    field.dataset.focus = `box-${name}`;
    slider.dataset.focus = `slider-${name}`;
    if (Number.isFinite(value)) box.append(slider);
    element.append(box);
  }
  element.append(trouble);
  return { element, trouble: refused };
}

/** A box for a number; Enter or leaving it takes the number. */
function numberBox(name, value, taken, say) {
  const box = make("label", "bl-choice");
  const field = make("input", "bl-number");
  const text = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(6))) : wrote(x, 6));
  Object.assign(field, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 40, value: text(value) });
  let last = value;
  const take = () => {
    const { value: typed, trouble } = typedNumber(field.value);
    field.setAttribute("aria-invalid", String(Boolean(trouble)));
    if (trouble) say(`${name}: ${trouble}`);
    else if (typed !== last && field.value !== text(last)) {
      last = typed;
      taken(typed);
    }
  };
  field.addEventListener("change", take);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") take();
    if (event.key === "Escape") field.closest(".bl-player")?.focus();
    event.stopPropagation(); // the box keeps its keys
  });
  box.append(make("span", "bl-number-name", `${name} =`), field);
  return { box, field, set: (x) => { field.value = text(x); } };
}
