// The player: one clock for picture, table and code. It gets the film (drawing/film.py) once and plays it here: a step
// changes texts and classes, nothing else. The same file drives JupyterLab, Notebook, VS Code, Colab and a plain page.

/** What a player remembers when the kernel sends it another film. @param {string[]} views what stands open at first */
function memory(views) {
  const open = Object.fromEntries(views.map((name) => [name, true]));
  return { pace: "", settings: false, keys: false, predicts: true, focus: null, route: { seen: 1 }, grid: "factors", ...open };
}

/**
 * Build a player in `root`.
 * @param {HTMLElement} root @param {any} film @param {any} mind see `memory`
 * @param {{report: (at: number) => void, predictions: any[], predicted: (all: any[]) => void, ask: ((request: any) => void) | null, open: ((parts: number[]) => string) | null}} outside
 */
function player(root, film, mind, outside) {
  const last = film.frames.length - 1;
  const panes = film.panes || [film];
  root.classList.add("bl-player");
  root.tabIndex = 0;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", `Step through the ${film.about}. Arrow keys step, Home and End jump, the question mark lists all keys.`);

  let at = -1;
  const view = folding(film);
  const stages = panes.map((pane) => stage(pane, view));

  // ---- where one comes to rest
  const rests = { edge: null, node: film.stops.node, phase: film.stops.phase, box: view.folded ? view.rests(film.frames) : null };
  if (!mind.pace || (mind.pace === "box" && !view.folded)) mind.pace = view.folded ? "box" : "edge";
  const forward = (kind) => (rests[kind] ? (rests[kind].find((k) => k > at) ?? last) : at + 1);
  const back = (kind) => (rests[kind] ? ([...rests[kind]].reverse().find((k) => k < at) ?? 0) : at - 1);
  const turnBegins = (to) => (mind.pace === "node" || mind.pace === "box" ? ([...rests[mind.pace]].reverse().find((k) => k < to) ?? 0) : to - 1);

  const go = (to) => {
    to = Math.max(0, Math.min(last, to));
    const question = asks.next();
    const blocked = to >= question; // no number is shown before it was asked for
    if (blocked) to = question - 1;
    if (to !== at) {
      show(to);
      outside.report(to);
    }
    if (blocked) asks.ask(question);
  };

  // ---- the bar
  const first = button("first", "to the start", "Home");
  const previous = button("previous", "previous step", "left arrow");
  const next = button("next", "next step", "right arrow");
  const end = button("last", "to the end", "End");
  next.append(make("span", "bl-word", "next"));
  const slider = make("input", "bl-slider");
  Object.assign(slider, { type: "range", min: "0", max: String(last), step: "1", value: "0" });
  slider.setAttribute("aria-label", "step");
  const count = make("span", "bl-count"); // no <output>: that would be read aloud beside the step
  const phases = strip(film, go);
  const track = make("div", "bl-track");
  track.append(phases.made, slider);
  const paces = [...(view.folded ? [["box", "box"]] : []), ["edge", film.panes ? "tick" : "edge"], ["node", "node"], ["phase", "phase"]];
  const pace = select("step by", paces, mind.pace, (to) => {
    mind.pace = to;
    show(at);
  });
  const big = button("projector", "projector", "f");
  const bar = make("div", "bl-bar");
  bar.append(first, previous, next, end, track, count, pace.box);
  if (film.asks) {
    const predicts = make("input", "bl-predicts");
    Object.assign(predicts, { type: "checkbox", checked: mind.predicts });
    const choice = make("label", "bl-choice");
    choice.title = "Ask for each number before it is shown";
    choice.append(predicts, make("span", "", "predict"));
    bar.append(choice);
    predicts.addEventListener("change", () => {
      mind.predicts = predicts.checked;
      asks.turn(predicts.checked);
      show(at);
    });
  }
  bar.append(big);

  const told = teller(film, [rests.node, ...(rests.box ? [rests.box] : [])]);

  // ---- stage, table, code
  const { box: sheet, rows, fill } = table(film, stages, view);
  const grid = sheet.querySelector(".bl-table");
  const unseen = make("div", "bl-hidden bl-unseen"); // keeps the table for screen readers while it is not shown
  const { box: code, lines } = listing(film);
  const look = inspector(film, stages, (id, kind) => {
    const wants = (f) => f.id === id && (kind === "value" ? f.kind === "value" : f.kind !== "value");
    const k = film.frames.findLastIndex(wants);
    if (k >= 0) go(k);
    else if (kind === "value") go(0);
  }, (id) => trails.choose(id), view, (...turn) => unfold(...turn));
  const swap = (scene) => {
    view.set(scene.open);
    stages.forEach((s, k) => s.swap(scene.svgs[k]));
    fill();
    rests.box = view.rests(film.frames);
    look.swapped(null);
    show(at);
    trails.refresh();
    if (!turned) return;
    const { part, on, byKey } = turned;
    if (byKey) look.swapped(on ? view.first(part) : `g${part}`);
    else look.say(view.account(part, on));
    cancelAnimationFrame(following); // what was turned is looked at now, not the step
    following = 0;
    for (const s of stages) for (const key of on ? [`f${part}`, view.first(part)] : [`g${part}`]) keepNodeInView(s.element, s.groups.get(key));
    turned = null;
  };
  let turned = null; // what is being opened or closed
  const opener = unfolder(film, view, outside.open, swap, (text) => look.say(text));
  const unfold = (part, on, byKey = false) => {
    turned = { part, on, byKey };
    opener(part, on);
  };
  const lookInside = () => {
    const box = at > 0 ? view.doer(film.frames[at]) : "";
    if (box && box[0] === "g") unfold(Number(box.slice(1)), true);
    else look.say(at > 0 ? "This step is in sight: nothing is folded around it." : "No step has been made yet.");
  };
  const trails = pathsView(film, stages, mind, { open: () => Boolean(mind.paths), hides: () => Boolean(film.asks && mind.predicts) });
  const grids = matricesView(film, stages, mind, () => Boolean(mind.jacobian));
  const costRows = stages.map((s) => costRow(s.film));
  const side = make("div", "bl-side");
  const theatre = make("div", film.panes ? "bl-theatre bl-pair" : "bl-theatre");
  theatre.classList.toggle("bl-broad", Number(stages[0].svg.getAttribute("width")) > 620);
  stages.forEach((s, k) => {
    const pane = make("div", "bl-pane");
    if (s.film.title) pane.append(make("div", "bl-pane-title", s.film.title));
    pane.append(s.element, costRows[k].made);
    theatre.append(pane);
  });
  const column = make("div", "bl-column");
  column.append(theatre, look.element, look.numbers);
  const wide = film.panes || view.folded || Number(stages[0].svg.getAttribute("width")) > 960;
  // A wide picture gets the whole width, with code and table below; a small one has them at its side.
  const main = make("div", wide ? "bl-main bl-wide" : "bl-main");
  main.classList.toggle("bl-folded", view.folded);
  if (film.code.length) side.append(code);
  side.append(trails.element, grids.element, sheet);
  main.append(column, side);

  // ---- tools: what is shown beside the stage
  const tools = make("div", "bl-tools");
  const arrange = () => {
    code.hidden = !mind.code;
    sheet.hidden = !mind.table;
    (mind.table && !root.classList.contains("bl-projector") ? sheet : unseen).append(grid);
    trails.element.hidden = !mind.paths;
    grids.element.hidden = !mind.jacobian;
    side.hidden = (code.hidden || !film.code.length) && sheet.hidden && !mind.paths && !mind.jacobian;
    main.classList.toggle("bl-alone", side.hidden);
    main.classList.toggle("bl-viewing", Boolean(mind.paths || mind.jacobian));
    main.classList.toggle("bl-broad-side", Boolean(mind.jacobian));
    for (const row of costRows) row.made.hidden = !mind.costs && !film.panes;
    if (at >= 0) for (const row of costRows) row.show(at);
  };
  const viewers = new Map();
  const viewer = (name, text) => {
    viewers.set(name, toggle(text, Boolean(mind[name]), (on) => {
      mind[name] = on;
      arrange();
      trails.refresh();
      grids.refresh();
    }));
    return viewers.get(name);
  };
  if (film.code.length) tools.append(viewer("code", "code"));
  tools.append(viewer("table", "table"));
  if (!film.panes) tools.append(viewer("costs", "costs"));
  if (view.folded) {
    const inside = make("button", "bl-toggle bl-look-inside", "open this step");
    inside.type = "button";
    inside.title = "Open what the current step is in (i)";
    inside.addEventListener("click", lookInside);
    tools.append(inside);
  }
  tools.append(viewer("paths", "paths"), viewer("jacobian", "matrices"));
  const keys = keyList();
  const help = toggle("keys", mind.keys, (on) => {
    mind.keys = on;
    keys.hidden = !on;
  });
  keys.hidden = !mind.keys;
  const panel = outside.ask ? settings(film, (request) => outside.ask({ ...request, at })) : null;
  let settingsOpener = null;
  if (panel) {
    settingsOpener = toggle("settings", mind.settings, (on) => {
      mind.settings = on;
      panel.element.hidden = !on;
    });
    panel.element.hidden = !mind.settings;
    tools.append(settingsOpener);
  }
  tools.append(help);
  root.replaceChildren(bar, ...(panel ? [panel.element] : []), told.element, main, unseen, tools, keys, legend(film, stages));
  arrange();
  trails.start();

  // ---- lighting
  let lit = [];
  const dark = () => {
    for (const s of stages) s.dim();
    for (const [row, name] of lit) row.classList.remove(name);
    lit = [];
  };
  const lightRows = (keyed) => {
    for (const [key, names] of Object.entries(keyed)) {
      const row = key[0] === "n" && rows.get(view.seen(key));
      if (!row) continue;
      for (const name of names) {
        if (row.classList.contains(name)) continue;
        row.classList.add(name);
        lit.push([row, name]);
      }
    }
  };
  const lightFrame = (frame) => {
    const parts = frame.both ? frame.both.map((one) => one.lit) : stages.map(() => frame.lit);
    stages.forEach((s, k) => s.light(parts[k]));
    for (const part of parts) lightRows(part);
  };

  const asks = predictor(film, {
    root,
    view,
    stage: stages[0],
    last,
    at: () => at,
    say: (text, extra) => {
      told.say(text, extra);
      follow();
    },
    lightFor: (k) => {
      dark();
      if (k !== null) lightFrame(film.frames[k]);
    },
    settled: (k, remark) => {
      show(k, remark);
      outside.report(k);
    },
  }, outside.predictions, outside.predicted);
  if (!mind.predicts) asks.turn(false);

  function show(to, remark = "") {
    asks.close();
    for (const s of stages) s.seek(to);
    at = to;
    dark();
    const from = to > 0 ? Math.min(turnBegins(to), to - 1) : to;
    const frames = film.frames.slice(from + (to > 0 ? 1 : 0), to + 1);
    for (const frame of frames) lightFrame(frame);
    const frame = film.frames[to];
    const line = frame.line && lines[frame.line[0]]?.[frame.line[1]];
    if (line) {
      line.classList.add("bl-current");
      lit.push([line, "bl-current"]);
    }
    const [shown, before] = within(frames, to);
    told.tell(shown, remark + before);
    root.dataset.at = String(to);
    root.dataset.phase = frame.phase;
    slider.value = String(to);
    slider.setAttribute("aria-valuetext", `step ${to} of ${last}, ${frame.phase}`);
    count.textContent = `step ${to} of ${last}`;
    phases.show(to);
    if (mind.costs || film.panes) for (const row of costRows) row.show(to);
    look.refresh();
    trails.show(to);
    grids.show(to);
    first.disabled = previous.disabled = to === 0;
    next.disabled = end.disabled = to === last;
    // the browser takes the focus from a button that is switched off, and with it the keys
    if ([first, previous, next, end].some((b) => b.disabled && b === document.activeElement)) root.focus({ preventScroll: true });
    follow();
  }

  /** What is told of the steps since the last rest: of a folded part only the last one, and how many there were. */
  function within(frames, to) {
    const box = mind.pace === "box" && to > 0 ? view.doer(film.frames[to]) : "";
    if (box[0] !== "g" || frames.length < 2) return [frames, ""];
    return [frames.slice(-1), `${several(frames.length, "step")} in ${view.label(box)}. The last one: `];
  }

  // Measuring makes the browser lay the page out, so it waits for the frame that is painted anyway.
  let following = 0;
  let choosing = null; // what was just chosen by keys is what one wants to see
  function follow(node = null) {
    choosing = node;
    if (following) return;
    following = requestAnimationFrame(() => {
      following = 0;
      keepInView(sheet, lit.find(([row, name]) => name === "bl-write" && row.tagName === "TR")?.[0]);
      keepInView(code, lit.find(([, name]) => name === "bl-current")?.[0]);
      const doer = mind.pace === "box" && at > 0 ? view.doer(film.frames[at]) : null;
      for (const s of stages) {
        for (const node of s.svg.querySelectorAll(".bl-node.bl-read")) keepNodeInView(s.element, node); // if there is room
        keepNodeInView(s.element, s.written().find((g) => g.classList.contains("bl-node")));
        keepNodeInView(s.element, s.groups.get(choosing ?? doer));
      }
      choosing = null;
      told.fit();
      asks.place();
    });
  }

  // ---- the projector
  const project = (on) => {
    root.classList.toggle("bl-projector", on);
    arrange();
    told.measure();
    big.setAttribute("aria-pressed", String(on));
    if (on && root.requestFullscreen) root.requestFullscreen().catch(() => {}); // where it is not allowed, the page is filled
    if (!on && document.fullscreenElement === root) document.exitFullscreen();
    root.focus({ preventScroll: true });
    follow();
  };
  big.addEventListener("click", () => project(!root.classList.contains("bl-projector")));
  root.onfullscreenchange = () => {
    told.measure();
    if (document.fullscreenElement !== root && root.classList.contains("bl-projector")) project(false);
  };

  // ---- keys
  const moves = {
    ArrowRight: () => go(forward(mind.pace)),
    ArrowDown: () => go(forward(mind.pace)),
    ArrowLeft: () => go(back(mind.pace)),
    ArrowUp: () => go(back(mind.pace)),
    PageDown: () => go(forward("phase")),
    PageUp: () => go(back("phase")),
    Home: () => go(0),
    End: () => go(last),
    f: () => project(!root.classList.contains("bl-projector")),
    g: () => {
      const order = paces.map(([name]) => name);
      pace.list.value = order[(order.indexOf(mind.pace) + 1) % order.length];
      pace.list.dispatchEvent(new Event("change"));
    },
    i: lookInside,
    s: () => settingsOpener?.click(),
    m: () => (mind.jacobian ? grids.other() : viewers.get("jacobian").click()),
    "?": () => help.click(),
  };
  /** p and Shift+p: the next and the previous path; the first press opens the view. */
  const walk = (key) => {
    if (key.toLowerCase() !== "p") return false;
    if (mind.paths) trails.go(key === "p" ? 1 : -1);
    else viewers.get("paths").click();
    return true;
  };
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const plain = !event.shiftKey || event.key === "?";
    const list = event.target.tagName === "SELECT" && event.key !== "Escape";
    const wheel = event.target.classList.contains("bl-turn") && event.key.startsWith("Arrow");
    const press = (event.key === "Enter" || event.key === " ") && event.target.closest("button");
    if (list || wheel || press) {
      if (event.key !== "Tab") event.stopPropagation(); // the control's own key, and not one of the notebook's
      return;
    }
    if (look.key(event.key)) {
      follow(look.place()); // chosen, or let go
    } else if (walk(event.key)) {
      // another path
    } else if (event.key === "Escape" && root.classList.contains("bl-projector")) project(false);
    else if (plain && moves[event.key]) moves[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation(); // else the notebook's own keys move its selected cell
  };
  first.addEventListener("click", () => go(0));
  previous.addEventListener("click", () => go(back(mind.pace)));
  next.addEventListener("click", () => go(forward(mind.pace)));
  end.addEventListener("click", () => go(last));
  slider.addEventListener("input", () => {
    go(Number(slider.value));
    slider.value = String(at); // it may have stopped at a question
  });
  mind.watch?.disconnect();
  mind.watch = new ResizeObserver(() => told.measure());
  mind.watch.observe(bar); // it is as wide as the panel, and no higher if the panel is
  const said = (text) => look.say(text);
  return { show, last, current: () => at, trouble: (text) => panel?.trouble(text), known: asks.known, swap, say: said };
}

/** Several texts as one, each of their sentences once. */
function once(texts) {
  return [...new Set(texts.flatMap((text) => text.split(/(?<=[.?!]) (?=[^a-z])/)))].join(" ");
}

// A cell that is run again gets a new player; for some seconds the old one's place and predictions wait for it.
const LEFT = "__backprop_lab_left__";
const WAITS = 20000;
const likeness = (film) => [film.about, film.mode, film.frames.length, film.rows.map((r) => r.name + r.is).join()].join("|");

function takeUp(film) {
  const left = window[LEFT];
  delete window[LEFT];
  return left && left.film === likeness(film) && performance.now() - left.when < WAITS ? left : null;
}

const GONE = "Changes need the kernel that ran this cell, and it is gone or was restarted. Run the cell again; stepping works without.";

/** anywidget's entry point. */
function show({ model, el }) {
  let timer = 0;
  let waiting = 0;
  const mind = memory(model.get("film").views);
  const wait = (tell) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => tell("The kernel has not answered yet: it is busy, or it was restarted. Then run the cell again."), 5000);
  };
  const save = () => {
    if (hasKernel(model)) model.save_changes(); // otherwise the player goes on alone
  };
  const outside = () => ({
    report: (at) => {
      // The kernel hears where we are when the person pauses; a step never waits for it, and it may be gone.
      clearTimeout(timer);
      timer = setTimeout(() => {
        model.set("at", at);
        save();
      }, 120);
    },
    predictions: [...(model.get("predictions") || [])],
    predicted: (all) => {
      model.set("predictions", all);
      save();
    },
    ask: model.get("request") === undefined ? null : (request) => {
      if (!hasKernel(model)) {
        view.trouble(GONE);
        return;
      }
      mind.focus = root.contains(document.activeElement) ? document.activeElement.dataset.focus || "root" : null;
      model.set("request", { ...request, id: (model.get("request").id || 0) + 1 });
      model.save_changes();
      wait((text) => view.trouble(text));
    },
    open: model.get("request") === undefined ? null : (parts) => {
      if (!hasKernel(model)) return GONE;
      model.set("request", { open: parts, id: (model.get("request").id || 0) + 1 });
      model.save_changes();
      wait((text) => view.say(text));
      return "";
    },
  });

  const root = make("div", "");
  el.replaceChildren(root);
  // Notebook 7 takes a key for its own shortcut before the player hears of it, unless the focused element says not to.
  const keepKeys = (event) => {
    if (!root.contains(event.target)) return;
    const others = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !others);
  };
  window.addEventListener("keydown", keepKeys, true);
  const fresh = !model.get("at") && !(model.get("predictions") || []).length;
  const left = fresh ? takeUp(model.get("film")) : null;
  if (left) {
    model.set("at", left.at);
    model.set("predictions", left.predictions);
    save();
  }
  const build = (remark) => {
    const alive = hasKernel(model); // notes which one it is
    const made = player(root, model.get("film"), mind, outside());
    if (!alive) made.trouble(GONE);
    made.show(Math.max(0, Math.min(model.get("at") || 0, made.last)), remark);
    const scene = model.get("scene");
    if (scene?.svgs && scene.run === model.get("film").run) made.swap(scene); // opened before this view was made
    return made;
  };
  const unfolded = () => {
    clearTimeout(waiting);
    const scene = model.get("scene");
    if (scene?.svgs && scene.run === model.get("film").run) view.swap(scene); // not one of an earlier film
  };
  let view = build("");
  const moved = () => {
    const at = model.get("at");
    if (at !== view.current()) view.show(Math.max(0, Math.min(view.last, at)));
  };
  const replaced = () => {
    clearTimeout(timer);
    clearTimeout(waiting);
    view = build(model.get("film").announce ? `${model.get("film").announce} ` : "");
    const focus = mind.focus === "root" ? root : root.querySelector(`[data-focus="${mind.focus}"]`);
    if (mind.focus) (focus || root).focus({ preventScroll: true });
    mind.focus = null;
  };
  const refused = () => {
    clearTimeout(waiting);
    view.trouble((model.get("trouble") || {}).text || "");
    if ((model.get("trouble") || {}).open) view.say(model.get("trouble").text);
  };
  const foreseen = () => view.known([...(model.get("predictions") || [])]);
  const kernel = model.widget_manager?.kernel;
  const restarted = (_, status) => {
    if (status.endsWith("restarting") || status === "dead") view.trouble(GONE);
  };
  kernel?.statusChanged?.connect(restarted);
  model.on("change:film", replaced);
  model.on("change:scene", unfolded);
  model.on("change:at", moved);
  model.on("change:trouble", refused);
  model.on("change:predictions", foreseen);
  return () => {
    clearTimeout(timer);
    clearTimeout(waiting);
    mind.watch.disconnect();
    window.removeEventListener("keydown", keepKeys, true);
    kernel?.statusChanged?.disconnect(restarted);
    const film = model.get("film");
    if (film) window[LEFT] = { film: likeness(film), at: view.current(), predictions: model.get("predictions") || [], when: performance.now() };
    model.off("change:film", replaced);
    model.off("change:scene", unfolded);
    model.off("change:at", moved);
    model.off("change:trouble", refused);
    model.off("change:predictions", foreseen);
  };
}

export default { render: show };
