// The player's front end: with predict.js one module, no imports, for JupyterLab, Notebook, VS Code, Colab and a page.
// It gets the film (see drawing/film.py) once and plays it here: a step changes texts and classes, nothing else.

const ICONS = {
  first: "M4 4v12M16 4l-9 6 9 6z",
  previous: "M13 4l-8 6 8 6z",
  next: "M7 4l8 6-8 6z",
  last: "M16 4v12M4 4l9 6-9 6z",
};

/** Make an element. @param {string} tag @param {string} css @param {string} [text] */
function make(tag, css, text) {
  const element = document.createElement(tag);
  element.className = css;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A button with an icon of its own, so that no font needs to have the sign. */
function button(name, label, key) {
  const made = make("button", `bl-button bl-${name}`);
  made.type = "button";
  made.title = `${label} (${key})`;
  made.setAttribute("aria-label", label);
  made.innerHTML = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="${ICONS[name]}" fill="currentColor" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/></svg>`;
  return made;
}

/** The film's picture as an element; texts and groups by key. */
function picture(film) {
  const parsed = new DOMParser().parseFromString(film.svg, "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  svg.style.setProperty("--bl-width", `${svg.getAttribute("width")}px`);
  const groups = new Map();
  for (const g of svg.querySelectorAll("[data-node]")) groups.set(`n${g.dataset.node}`, g);
  for (const g of svg.querySelectorAll("[data-edge]")) groups.set(`e${g.dataset.edge}`, g);
  groups.set("svg", svg);
  return { svg, groups };
}

/** The table of nodes; its number cells join the texts that a step fills. */
function table(film, texts) {
  const made = make("table", "bl-table");
  const head = make("tr", "");
  const second = film.second ? [film.second] : [];
  for (const title of ["node", "is", "primal", ...second]) {
    const cell = make("th", `bl-col-${title}`, title);
    cell.scope = "col";
    head.append(cell);
  }
  const top = document.createElement("thead");
  top.append(head);
  const body = document.createElement("tbody");
  const rows = new Map();
  for (const row of film.rows) {
    const tr = make("tr", "");
    const name = make("th", "bl-col-node", row.name);
    name.scope = "row";
    const is = make("td", "bl-col-is", row.is);
    name.title = row.name; // in full, where the column cuts it
    is.title = row.is;
    tr.append(name, is);
    for (const [key, title] of [["p", "primal"], ...second.map((s) => ["a", s])]) {
      const cell = make("td", `bl-col-${title} bl-value`, "");
      const id = `${key}${row.node}`;
      texts.set(id, [...(texts.get(id) || []), cell]);
      tr.append(cell);
    }
    rows.set(`n${row.node}`, tr);
    body.append(tr);
  }
  made.append(make("caption", "bl-hidden", "Nodes with their numbers at this step"), top, body);
  return { made, rows };
}

/** The student's code, one element a line. */
function listing(film) {
  const made = make("div", "bl-code");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", "source code");
  const lines = film.code.map((block) => {
    const pre = make("pre", "bl-block");
    const list = block.lines.map((text, k) => {
      const line = make("span", "bl-line");
      line.append(make("span", "bl-lineno", String(block.first + k)), make("span", "bl-linetext", text || " "));
      pre.append(line);
      return line;
    });
    made.append(pre);
    return list;
  });
  return { made, lines };
}

/** The strip above the slider that says which part of the run is where. */
function strip(film, go) {
  const made = make("div", "bl-phases");
  let from = 0;
  const parts = film.phases.map((phase) => {
    const part = make("div", `bl-phase bl-phase-${phase.name.split(" ").pop()}`);
    part.style.flexGrow = String(phase.steps);
    part.append(make("span", "bl-done"), make("span", "bl-phasename", phase.name));
    part.title = `${phase.name}: ${phase.steps} ${phase.steps === 1 ? "step" : "steps"}`;
    const start = from;
    part.addEventListener("click", () => go(start + 1));
    made.append(part);
    from += phase.steps;
    return { part, start, steps: phase.steps };
  });
  made.setAttribute("aria-hidden", "true"); // the slider says the same to a screen reader
  return { made, parts };
}

/**
 * Build a player in `root`. Returns `show(at)` and the number of the last step.
 * @param {HTMLElement} root @param {any} film @param {(at: number) => void} report called when the person moves
 * @param {any[]} predictions what was predicted so far @param {(all: any[]) => void} predicted called when one is settled
 */
function player(root, film, report, predictions, predicted) {
  const last = film.frames.length - 1;
  root.replaceChildren();
  root.classList.add("bl-player");
  root.tabIndex = 0;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", `Step through the ${film.about}. Arrow keys step, Home and End jump.`);

  let at = -1;
  const settled = new Set(predictions.filter((p) => p.kind !== "turn").map((p) => p.step));
  const picked = new Set(predictions.filter((p) => p.kind === "turn").map((p) => p.step));
  let picking = null; // while the person picks the node whose turn it is
  let asking = null; // the open box, while a number is being predicted
  let remark = ""; // what is said about the number just typed, before the step's own sentence
  const nextQuestion = () => {
    if (!film.asks || !predicts.checked) return last + 1;
    for (let k = at + 1; k <= last; k += 1) if (film.asks[k - 1] && !settled.has(k)) return k;
    return last + 1;
  };
  const go = (to) => {
    to = Math.max(0, Math.min(last, to));
    const question = nextQuestion();
    const ask = to >= question; // no number is shown before it was asked for
    if (ask) to = question - 1;
    if (to !== at) {
      show(to);
      report(to);
    }
    if (!ask) return;
    if (film.turns && film.turns[question - 1] !== null && !picked.has(question)) openPick(question);
    else openBox(question);
  };

  const predicts = make("input", "bl-predicts");
  Object.assign(predicts, { type: "checkbox", checked: true });

  const first = button("first", "to the start", "Home");
  const previous = button("previous", "previous step", "left arrow");
  const next = button("next", "next step", "right arrow");
  const end = button("last", "to the end", "End");
  next.append(make("span", "bl-word", "next"));
  const slider = make("input", "bl-slider");
  Object.assign(slider, { type: "range", min: "0", max: String(last), step: "1", value: "0" });
  slider.setAttribute("aria-label", "step");
  const count = make("output", "bl-count");
  const phases = strip(film, go);
  const track = make("div", "bl-track");
  track.append(phases.made, slider);
  const bar = make("div", "bl-bar");
  bar.append(first, previous, next, end, track, count);
  if (film.asks) {
    const choice = make("label", "bl-choice");
    choice.title = "Ask for each number before it is shown";
    choice.append(predicts, make("span", "", "predict"));
    bar.append(choice);
    predicts.addEventListener("change", () => {
      closeBox();
      show(at);
    });
  }

  const formula = make("div", "bl-formula");
  const sentence = make("div", "bl-sentence");
  const say = make("div", "bl-say");
  say.setAttribute("aria-live", "polite");
  say.setAttribute("aria-atomic", "true");
  say.append(formula, sentence);

  const { svg, groups } = picture(film);
  const scroll = make("div", "bl-picture");
  const canvas = make("div", "bl-canvas");
  canvas.append(svg);
  scroll.append(canvas);
  const texts = new Map();
  for (const text of svg.querySelectorAll("text[data-key]")) texts.set(text.dataset.key, [text]);
  const { made: sheet, rows } = table(film, texts);
  const { made: code, lines } = listing(film);
  const side = make("div", "bl-side");
  const sheetBox = make("div", "bl-sheet");
  sheetBox.append(sheet);
  if (film.code.length) side.append(code);
  side.append(sheetBox);
  // A wide picture gets the whole width, with code and table below; a small one has them at its side.
  const main = make("div", Number(svg.getAttribute("width")) > 960 ? "bl-main bl-wide" : "bl-main");
  main.append(scroll, side);

  const legend = make("div", "bl-legend");
  legend.innerHTML =
    '<span><i class="bl-key bl-key-p"></i>primal: the value</span>' +
    (film.second === "adjoint" ? '<span><i class="bl-key bl-key-a"></i>adjoint: derivative of the output with respect to this node</span>' : "") +
    (film.second === "tangent" ? '<span><i class="bl-key bl-key-a"></i>tangent: rate of this node as the chosen input moves</span>' : "") +
    '<span><i class="bl-key bl-key-w"></i>on an edge: local partial</span>' +
    '<span><i class="bl-key bl-key-input"></i>input</span><span><i class="bl-key bl-key-constant"></i>constant</span>' +
    '<span><i class="bl-key bl-key-operation"></i>operation</span><span><i class="bl-key bl-key-output"></i>output</span>';
  root.append(bar, say, main, legend);

  const undo = []; // undo[k]: what the texts that step k changes were before it
  const write = (key, value) => {
    for (const element of texts.get(key) || []) {
      element.textContent = value;
      if (key[0] !== "w") element.classList.toggle("bl-long", value.length > 9); // set smaller, as drawing/picture.py does
    }
    if (key[0] === "p") groups.get(`n${key.slice(1)}`)?.classList.toggle("bl-waiting", value === "");
    if (key[0] === "w") groups.get(`e${key.slice(1)}`)?.classList.toggle("bl-unknown", value === "");
  };
  const now = new Map();
  film.changes.forEach((change, k) => {
    undo[k] = {};
    for (const key of Object.keys(change)) {
      undo[k][key] = now.get(key) || "";
      now.set(key, change[key]);
    }
  });

  let lit = [];
  const light = (element, name) => {
    if (!element) return;
    element.classList.add(name);
    lit.push([element, name]);
  };

  /** Ask which node sends next; then for its first number. */
  function openPick(k) {
    if (picking) return;
    closeBox();
    for (const [element, name] of lit) element.classList.remove(name);
    lit = [];
    const right = film.turns[k - 1];
    const began = performance.now();
    const reveal = make("button", "bl-button bl-showturn", "show it");
    reveal.type = "button";
    formula.replaceChildren(reveal);
    sentence.textContent = "Whose turn is it? Pick the node that sends its adjoint on next.";
    root.dataset.picking = "true";
    const nodes = [...svg.querySelectorAll("[data-node]")];
    let tries = 0;
    let first = null;
    const end = (revealed) => {
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      const typed = first ?? (revealed ? "" : film.names[right]);
      predictions.push({ step: k, node: film.names[right], kind: "turn", typed, number: null, wrong_turn: null, right: !revealed && tries === 1, tries, revealed, seconds });
      picked.add(k);
      closePick();
      predicted([...predictions]);
      openBox(k);
      if (revealed) sentence.textContent = `It is the turn of ${film.names[right]}. ${sentence.textContent}`;
    };
    const pick = (id) => {
      tries += 1;
      if (id === right) {
        end(false);
        return;
      }
      first = first ?? film.names[id];
      sentence.textContent = notItsTurn(film, k, id, right);
    };
    const onClick = (event) => {
      const node = event.target.closest("[data-node]");
      if (node) pick(Number(node.dataset.node));
    };
    const onKey = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      pick(Number(event.currentTarget.dataset.node));
    };
    svg.addEventListener("click", onClick);
    for (const node of nodes) {
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", film.names[node.dataset.node]);
      node.addEventListener("keydown", onKey);
    }
    reveal.addEventListener("click", () => end(true));
    picking = () => {
      svg.removeEventListener("click", onClick);
      for (const node of nodes) {
        for (const name of ["tabindex", "role", "aria-label"]) node.removeAttribute(name);
        node.removeEventListener("keydown", onKey);
      }
    };
  }

  function closePick() {
    if (!picking) return;
    picking();
    picking = null;
    delete root.dataset.picking;
  }

  /** Ask for the number of step `k`, in a box on its node. */
  function openBox(k) {
    if (asking && asking.step === k) {
      asking.box.focus();
      return;
    }
    closeBox();
    const question = film.asks[k - 1];
    const say = (text) => {
      sentence.textContent = text;
    };
    const { form, box } = predictionBox(question, say, (outcome) => {
      const frame = film.frames[k];
      const record = { step: k, node: frame.node, kind: frame.kind, ...outcome };
      predictions.push(record);
      settled.add(k);
      const focused = root.contains(document.activeElement);
      closeBox();
      remark = outcome.right ? "Right. " : outcome.revealed && !outcome.tries ? "" : outcome.revealed ? "That was two tries. " : "Right now. ";
      show(k);
      remark = "";
      if (focused) root.focus({ preventScroll: true });
      report(k);
      predicted([...predictions]);
    });
    asking = { step: k, form, box, key: question.key };
    for (const [element, name] of lit) element.classList.remove(name);
    lit = [];
    for (const [key, names] of Object.entries(film.frames[k].lit)) {
      for (const name of names) {
        light(groups.get(key), name);
        light(rows.get(key), name);
      }
    }
    formula.textContent = "";
    say(question.asks);
    root.dataset.asking = question.key;
    canvas.append(form);
    placeBox();
    if (!following) following = requestAnimationFrame(follow);
    box.focus({ preventScroll: true });
  }

  /** Put the box over its cell: both scroll and zoom together, because they share a parent. */
  function placeBox() {
    const cell = texts.get(asking.key)?.[0];
    if (!cell) return;
    const node = groups.get(`n${asking.key.slice(1)}`);
    const spot = node.querySelector(`.bl-cell-${asking.key[0]}`) || cell;
    const frame = canvas.getBoundingClientRect();
    const place = spot.getBoundingClientRect();
    asking.form.style.left = `${place.left - frame.left + place.width / 2}px`;
    asking.form.style.top = `${place.top - frame.top + place.height * 0.62}px`;
    asking.box.style.width = `${Math.max(72, place.width)}px`;
  }

  function closeBox() {
    if (!asking) return;
    asking.form.remove();
    asking = null;
    delete root.dataset.asking;
  }

  function show(to) {
    closeBox();
    closePick();
    while (at < to) {
      at += 1;
      for (const [key, value] of Object.entries(film.changes[at])) write(key, value);
    }
    while (at > to) {
      for (const [key, value] of Object.entries(undo[at])) write(key, value);
      at -= 1;
    }
    const frame = film.frames[at];
    for (const [element, name] of lit) element.classList.remove(name);
    lit = [];
    for (const [key, names] of Object.entries(frame.lit)) {
      for (const name of names) {
        light(groups.get(key), name);
        light(rows.get(key), name);
      }
    }
    const line = frame.line && lines[frame.line[0]]?.[frame.line[1]];
    light(line, "bl-current");
    formula.innerHTML = frame.formula; // MathML made by notation.py, names escaped there
    sentence.textContent = remark + frame.say;
    root.dataset.at = String(at);
    root.dataset.phase = frame.phase;
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", `step ${at} of ${last}, ${frame.phase}`);
    count.textContent = `step ${at} of ${last}`;
    for (const { part, start, steps } of phases.parts) {
      part.firstChild.style.width = `${(100 * Math.max(0, Math.min(steps, at - start))) / steps}%`;
    }
    first.disabled = previous.disabled = at === 0;
    next.disabled = end.disabled = at === last;
    if (!following) following = requestAnimationFrame(follow);
  }

  // Measuring makes the browser lay the page out, so it waits for the frame that is painted anyway.
  let following = 0;
  function follow() {
    following = 0;
    const written = lit.filter(([, name]) => name === "bl-write").map(([element]) => element);
    keepInView(sheetBox, written.find((element) => element.tagName === "TR"));
    keepInView(code, lit.find(([, name]) => name === "bl-current")?.[0]);
    keepNodeInView(scroll, written.find((element) => element.classList.contains("bl-node")));
  }

  const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const to = event.key in moves ? at + moves[event.key] : event.key === "Home" ? 0 : event.key === "End" ? last : null;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation(); // else the notebook's own keys move its selected cell
    go(to);
  });
  first.addEventListener("click", () => go(0));
  previous.addEventListener("click", () => go(at - 1));
  next.addEventListener("click", () => go(at + 1));
  end.addEventListener("click", () => go(last));
  slider.addEventListener("input", () => {
    go(Number(slider.value));
    slider.value = String(at); // it may have stopped at a question
  });
  return { show, last, current: () => at };
}

/** Scroll a box of its own, never the page, so that a row stays visible. */
function keepInView(box, row) {
  if (!row || box.scrollHeight <= box.clientHeight) return;
  const top = row.offsetTop - box.offsetTop;
  if (top < box.scrollTop + 24) box.scrollTop = top - 24;
  else if (top + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + row.offsetHeight - box.clientHeight;
}

/** The same for a node in a picture wider than its box. */
function keepNodeInView(box, node) {
  if (!node || (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight)) return;
  const frame = box.getBoundingClientRect();
  const place = node.getBoundingClientRect();
  if (place.left < frame.left) box.scrollLeft -= frame.left - place.left + 16;
  else if (place.right > frame.right) box.scrollLeft += place.right - frame.right + 16;
  if (place.top < frame.top) box.scrollTop -= frame.top - place.top + 16;
  else if (place.bottom > frame.bottom) box.scrollTop += place.bottom - frame.bottom + 16;
}

/** Whether anybody listens. JupyterLab's widget manager knows its kernel; others do not say, and take the message. */
function hasKernel(model) {
  const manager = model.widget_manager;
  if (!manager || !("kernel" in manager)) return true;
  return Boolean(manager.kernel) && !manager.kernel.isDisposed && manager.kernel.status !== "dead";
}

/** anywidget's entry point. */
function show({ model, el }) {
  let timer = 0;
  const report = (at) => {
    // The kernel hears where we are when the person pauses; a step never waits for it, and it may be gone.
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!hasKernel(model)) return; // the player goes on alone
      model.set("at", at);
      model.save_changes();
    }, 120);
  };
  const root = make("div", "");
  el.replaceChildren(root);
  const predicted = (all) => {
    model.set("predictions", all);
    if (hasKernel(model)) model.save_changes();
  };
  const build = (into) => player(into, model.get("film"), report, [...(model.get("predictions") || [])], predicted);
  let view = build(root);
  view.show(Math.min(model.get("at") || 0, view.last));
  const moved = () => {
    const at = model.get("at");
    if (at !== view.current()) view.show(Math.max(0, Math.min(view.last, at)));
  };
  const replaced = () => {
    const fresh = make("div", "");
    el.replaceChildren(fresh);
    view = build(fresh);
    view.show(Math.min(model.get("at") || 0, view.last));
  };
  model.on("change:at", moved);
  model.on("change:film", replaced);
  return () => {
    clearTimeout(timer);
    model.off("change:at", moved);
    model.off("change:film", replaced);
  };
}

export default { render: show };
