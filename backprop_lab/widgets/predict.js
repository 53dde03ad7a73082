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

/** Whether two numbers agree up to rounding. */
function near(a, b, tolerance) {
  return Math.abs(a - b) <= Math.max(tolerance * Math.max(Math.abs(a), Math.abs(b)), 1e-9);
}

/** The sentence for a number that is not right, and the wrong turn's name. */
function wrongTurn(question, value) {
  const found = question.wrong.find(([number]) => near(number, value, question.tolerance ?? question.near));
  return found ? { name: found[1], say: found[2] } : { name: null, say: question.help };
}

/**
 * The box on a node. `place(box)` puts it over the cell; `done(outcome)` is called when the question is settled.
 * @param {any} question @param {(text: string) => void} say @param {(outcome: any) => void} done
 */
function predictionBox(question, say, done) {
  const form = make("form", "bl-ask");
  const box = make("input", "bl-askbox");
  Object.assign(box, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 60 });
  box.inputMode = "text";
  box.setAttribute("aria-label", question.asks);
  box.placeholder = "?";
  const reveal = make("button", "bl-reveal", "show it");
  reveal.type = "button";
  reveal.title = "Show the number without predicting it";
  form.append(box, reveal);
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
    const { value, trouble } = typedNumber(box.value);
    if (trouble) {
      say(trouble);
      return;
    }
    tries += 1;
    if (near(value, question.right, question.near)) {
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
    say(`Not ${box.value.trim()}. ${words} One more try.`);
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
  return { form, box };
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
