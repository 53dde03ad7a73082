// Predict before reveal: a box on the node, what was typed, and what it is the answer to.
// The questions come from drawing/questions.py; nothing typed is ever evaluated.

/** A typed number: 14, 0.5, 0,5, 2/3, 1e-3, −4. Returns {value} or {trouble}, a sentence. @param {string} text */
function typedNumber(text) {
  const clean = text.trim().replace(/[−–]/g, "-").replace(/\s+/g, "");
  if (!clean) return { trouble: "Type a number first, such as 14, 0.5 or 2/3." };
  const plain = clean.replace(/,/g, ".");
  const pattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i;
  const [top, bottom, more] = plain.split("/");
  if (more !== undefined || !pattern.test(top) || (bottom !== undefined && !pattern.test(bottom)) || plain.length > 40) {
    const shown = text.trim().slice(0, 30) + (text.trim().length > 30 ? "…" : "");
    return { trouble: `“${shown}” cannot be read as a number; write 14, 0.5, 2/3 or 1e-3.` };
  }
  if (bottom !== undefined && Number(bottom) === 0) return { trouble: "A fraction needs something other than 0 below." };
  const value = Number(top) / (bottom === undefined ? 1 : Number(bottom));
  if (!Number.isFinite(value)) return { trouble: "This number is larger than any that a computer's floats can hold." };
  return { value };
}

/** A typed list of numbers, [1, 2] or [[1, 2], [3, 4]], read sign by sign. Returns {value} or {trouble}. @param {string} text */
function typedList(text) {
  const example = "write [1, 2, 3], or [[1, 2], [3, 4]] for two rows.";
  if (!text.trim()) return { trouble: `Type the numbers first: ${example}` };
  const open = text.trim().replace(/\(/g, "[").replace(/\)/g, "]").replace(/[−–]/g, "-");
  const signs = (open.startsWith("[") ? open : `[${open}]`).match(/[[\]]|[^[\],;\s]+/g);
  const stack = [[]];
  for (const sign of signs) {
    if (sign === "[") stack.push([]);
    else if (sign === "]") {
      const done = stack.pop();
      if (!stack.length) return { trouble: `A bracket closes that was never opened; ${example}` };
      stack[stack.length - 1].push(done);
    } else {
      const { value, trouble } = typedNumber(sign);
      if (trouble) return { trouble };
      stack[stack.length - 1].push(value);
    }
    if (stack.length > 9) return { trouble: `These are too many brackets; ${example}` };
  }
  if (stack.length > 1) return { trouble: `A bracket is not closed; ${example}` };
  if (stack[0].length !== 1 || !shapeOf(stack[0][0])) return { trouble: `The rows must be equally long; ${example}` };
  return { value: stack[0][0] };
}

/** A typed shape: 3×2, (3, 2), 3 by 2; (3,) or 3 for one axis. Returns {value} or {trouble}. @param {string} text */
function typedShape(text) {
  const clean = text.trim().replace(/^[[(]|[\])]$/g, "");
  if (!text.trim()) return { trouble: "Type a shape first, such as 3×2; for one axis 3." };
  const sizes = clean.split(/\s*(?:[×x*,]|by)\s*|\s+/i).filter(Boolean);
  if (sizes.length > 8 || !sizes.every((size) => /^\d{1,9}$/.test(size))) {
    const shown = text.trim().slice(0, 30) + (text.trim().length > 30 ? "…" : "");
    return { trouble: `“${shown}” cannot be read as a shape; write 3×2 or (3, 2), and for one axis 3.` };
  }
  return { value: sizes.map(Number) };
}

const TYPED = { number: typedNumber, array: typedList, shape: typedShape };

/** The shape of nested lists; null where rows differ. @param {any} x */
function shapeOf(x) {
  if (!Array.isArray(x)) return [];
  const inner = x.map(shapeOf);
  if (inner.some((shape) => !shape || String(shape) !== String(inner[0]))) return null;
  return [x.length, ...(inner[0] || [])];
}

/** A shape as Python writes it. @param {number[]} shape */
function shapeText(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** Whether two answers agree: numbers up to rounding, lists in shape and every number. */
function alike(a, b, question) {
  if (question.wants === "shape") return String(a) === String(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, k) => alike(x, b[k], question));
  return !Array.isArray(a) && !Array.isArray(b) && near(a, b, question.near);
}

/** Whether two numbers agree up to rounding. */
function near(a, b, tolerance) {
  return Math.abs(a - b) <= Math.max(tolerance * Math.max(Math.abs(a), Math.abs(b)), 1e-9);
}

/** The sentence for an answer that is not right, and the wrong turn's name. */
function wrongTurn(question, value) {
  const found = question.wrong.find(([answer]) => alike(answer, value, question));
  if (found) return { name: found[1], say: found[2] };
  if (!question.shape) return { name: null, say: question.help };
  const shape = question.wants === "shape" ? value : shapeOf(value);
  if (String(shape) === String(question.shape)) return { name: null, say: question.help };
  const known = question.shapes.find(([other]) => String(other) === String(shape));
  return { name: "wrong shape", say: known ? known[2] : `${shapeText(shape)} ${question.fits}` };
}

/**
 * The box on a node. `place(box)` puts it over the cell; `done(outcome)` is called when the question is settled.
 * @param {any} question @param {(text: string, extra: Element) => void} say @param {(outcome: any) => void} done
 */
function predictionBox(question, say, done) {
  const form = make("form", "bl-ask");
  const box = make("input", "bl-askbox");
  Object.assign(box, { type: "text", autocomplete: "off", spellcheck: false, maxLength: question.wants === "array" ? 160 : 60 });
  box.inputMode = "text";
  box.setAttribute("aria-label", question.asks);
  box.placeholder = { array: "[…]", shape: "…×…" }[question.wants] || "?";
  const reveal = make("button", "bl-button bl-showturn", "show it"); // in the panel, where it covers nothing
  reveal.type = "button";
  reveal.title = "Show the number without predicting it";
  form.append(box);
  const began = performance.now();
  let tries = 0;
  let first = null; // the first wrong number counts as the prediction
  const settle = (right, revealed, typed, value) => {
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const taken = first ?? { typed, number: value ?? null, wrong_turn: null };
    done({ typed: taken.typed, number: taken.number, wrong_turn: taken.wrong_turn, right, tries, revealed, seconds });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value, trouble } = (TYPED[question.wants] || typedNumber)(box.value);
    if (trouble) {
      say(trouble, reveal);
      return;
    }
    tries += 1;
    if (alike(value, question.right, question)) {
      settle(tries === 1, false, box.value.trim(), value);
      return;
    }
    const { name, say: words } = wrongTurn(question, value);
    first = first ?? { typed: box.value.trim(), number: value, wrong_turn: name };
    form.classList.add("bl-missed");
    box.setAttribute("aria-invalid", "true");
    if (tries >= 2) {
      settle(false, true, box.value.trim(), value);
      return;
    }
    say(`Not ${box.value.trim()}. ${words} One more try.`, reveal);
    box.select();
  });
  reveal.addEventListener("click", () => settle(false, true, box.value.trim(), null));
  form.addEventListener("keydown", (event) => {
    // The box keeps its keys, except those that no number needs; Escape hands the focus back.
    if (event.key === "Escape") {
      event.preventDefault();
      form.closest(".bl-player")?.focus();
    }
    event.stopPropagation();
  });
  return { form, box, reveal };
}

/** Why it is not this node's turn: it waits for somebody, has been, has nobody to send to, or comes a little later. */
function notItsTurn(film, k, id, right) {
  const name = film.names[id];
  const begins = film.turns.map((node, at) => [node, at + 1]).filter(([node]) => node !== null);
  const had = new Set(begins.filter(([, at]) => at < k).map(([node]) => node));
  if (had.has(id)) return `${name} has had its turn.`;
  const missing = [...new Set(film.waits[id] || [])].filter((user) => !had.has(user)).map((user) => film.names[user]);
  if (missing.length) return `Too early for ${name}: ${missing.join(" and ")} still ${missing.length > 1 ? "have" : "has"} to report to it.`;
  if (!begins.some(([node]) => node === id)) return `${name} was not computed from anything, so it has nobody to send to.`;
  return `${name} is ready too. Here the first operand goes first, and that leads to ${film.names[right]}.`;
}

/** Whether a step's question can be answered from what is seen: of a folded graph, only where nothing needed is hidden. */
function fair(film, k, view) {
  const lit = Object.entries(film.frames[k].lit);
  const reads = lit.filter(([key, names]) => key[0] === "n" && names.includes("bl-read")).map(([key]) => key);
  const edges = film.frames[k].kind === "contribution" ? lit.map(([key]) => key).filter((key) => key[0] === "e") : [];
  return view.shows(film.asks[k - 1].key) && reads.every(view.shows) && edges.every((key) => view.seen(key) === key);
}

/**
 * Asks for the numbers of a film before they are shown. `needs` is what it needs of the player:
 * at() and last, the stage, the view (fold.js), say(text), lightFor(k) which lights step k, show(k), settled(k) after an answer.
 * @param {any} film @param {any} needs @param {any[]} predictions @param {(all: any[]) => void} predicted
 */
function predictor(film, needs, predictions, predicted) {
  const { root, stage, say, view } = needs;
  const ours = predictions.filter((p) => (p.run ?? 0) === (film.run ?? 0));
  const settled = new Set(ours.filter((p) => p.kind !== "turn").map((p) => p.step));
  const picked = new Set(ours.filter((p) => p.kind === "turn").map((p) => p.step));
  let picking = null; // while the person picks the node whose turn it is
  let asking = null; // the open box, while a number is being predicted
  let active = Boolean(film.asks);

  /** The next step whose number has not been asked for. */
  const next = () => {
    if (!active) return needs.last + 1;
    for (let k = needs.at() + 1; k <= needs.last; k += 1) if (film.asks[k - 1] && !settled.has(k) && fair(film, k, view)) return k;
    return needs.last + 1;
  };
  /** Note what was predicted, and when it was settled. */
  const record = (k, node, kind, outcome) => {
    predictions.push({ step: k, node, kind, ...outcome, run: film.run ?? 0, when: new Date().toISOString() });
  };
  /** Others may predict too: another view of this player, or the kernel, which may forget all. */
  const known = (all) => {
    if (all.length === predictions.length && all.every((p, j) => p.when === predictions[j].when && p.step === predictions[j].step)) return;
    predictions.splice(0, predictions.length, ...all);
    const mine = all.filter((p) => (p.run ?? 0) === (film.run ?? 0));
    for (const [set, turns] of [[settled, false], [picked, true]]) {
      set.clear();
      for (const p of mine) if ((p.kind === "turn") === turns) set.add(p.step);
    }
    if (asking && settled.has(asking.step)) close();
  };

  /** Ask which node sends next; then for its first number. */
  const openPick = (k) => {
    if (picking) return;
    close();
    needs.lightFor(null);
    const right = film.turns[k - 1];
    const began = performance.now();
    const reveal = make("button", "bl-button bl-showturn", "show it");
    reveal.type = "button";
    say("Whose turn is it? Pick the node that sends its adjoint on next.", reveal);
    root.dataset.picking = "true";
    stage.svg.setAttribute("role", "group"); // an image has no buttons in it
    const nodes = [...stage.svg.querySelectorAll("[data-node]")];
    let tries = 0;
    let first = null;
    const end = (revealed) => {
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      const typed = first ?? (revealed ? "" : film.names[right]);
      const right_ = !revealed && tries === 1;
      record(k, film.names[right], "turn", { typed, number: null, wrong_turn: null, right: right_, tries, revealed, seconds });
      picked.add(k);
      close();
      predicted([...predictions]);
      openBox(k, revealed ? `It is the turn of ${film.names[right]}. ` : "");
    };
    const pick = (id) => {
      tries += 1;
      if (id === right) {
        end(false);
        return;
      }
      first = first ?? film.names[id];
      say(notItsTurn(film, k, id, right), reveal);
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
    stage.svg.addEventListener("click", onClick);
    for (const node of nodes) {
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button"); // its name is the <title> in it
      node.addEventListener("keydown", onKey);
    }
    reveal.addEventListener("click", () => end(true));
    picking = () => {
      stage.svg.setAttribute("role", "img");
      stage.svg.removeEventListener("click", onClick);
      for (const node of nodes) {
        for (const name of ["tabindex", "role"]) node.removeAttribute(name);
        node.removeEventListener("keydown", onKey);
      }
    };
  };

  /** Ask for the number of step `k`, in a box on its node. */
  const openBox = (k, before = "") => {
    if (asking && asking.step === k) {
      asking.box.focus();
      return;
    }
    close();
    const question = film.asks[k - 1];
    const { form, box, reveal } = predictionBox(question, say, (outcome) => {
      record(k, film.frames[k].node, film.frames[k].kind, outcome);
      settled.add(k);
      const focused = root.contains(document.activeElement);
      close();
      const remark = outcome.right ? "Right. " : outcome.revealed && !outcome.tries ? "" : outcome.revealed ? "That was two tries. " : "Right now. ";
      needs.settled(k, remark);
      if (focused) root.focus({ preventScroll: true });
      predicted([...predictions]);
    });
    asking = { step: k, form, box, key: question.key, wants: question.wants };
    needs.lightFor(k);
    say(before + question.asks, reveal);
    root.dataset.asking = question.key;
    stage.canvas.append(form);
    place();
    box.focus({ preventScroll: true });
  };

  /** Put the box over its cell: both scroll and zoom together, because they share a parent. */
  const place = () => {
    if (!asking) return;
    const cell = stage.texts.get(asking.key)?.[0];
    if (!cell) return;
    const node = stage.groups.get(view.seen(`n${asking.key.slice(1)}`));
    const spot = node.querySelector(`.bl-cell-${asking.key[0]}`) || cell;
    const frame = stage.canvas.getBoundingClientRect();
    const over = spot.getBoundingClientRect();
    // As wide as its cell, which has room for the answer, and below the caption, so that it covers nothing.
    const scale = stage.svg.getBoundingClientRect().width / Number(stage.svg.getAttribute("width"));
    const height = Math.min(over.height - 20 * scale, 36 * scale);
    asking.form.style.left = `${over.left - frame.left}px`;
    asking.form.style.top = `${over.top - frame.top + 19 * scale}px`;
    const size = Math.max((asking.wants === "array" ? 13 : 16) * scale, 11);
    Object.assign(asking.box.style, { width: `${over.width}px`, height: `${height}px`, fontSize: `${size}px` });
  };

  const close = () => {
    if (asking) asking.form.remove();
    if (picking) picking();
    asking = picking = null;
    delete root.dataset.asking;
    delete root.dataset.picking;
  };
  /** Ask what comes before step `k`: the number, or first whose turn it is. */
  const ask = (k) => {
    const turn = film.turns?.[k - 1] ?? null;
    if (turn !== null && !picked.has(k) && view.seen(`n${turn}`)[0] === "n") openPick(k);
    else openBox(k);
  };
  const turn = (on) => {
    active = on;
    close();
  };
  return { next, ask, close, place, turn, known };
}
