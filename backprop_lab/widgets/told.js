// What is said of a step: its formula and its sentence, in a panel that keeps one height for the whole film.
// No size in it is decided here: texts are measured in whatever fonts there are, and what is too large gives way.

const SHRUNK = [1, 0.92, 0.85, 0.78, 0.7]; // the stylesheet has the smallest sizes that are read
const MOST_TOLD = 6; // steps at once, where one goes from node to node
const MOST_MEASURED = 16; // of each kind; the others are shorter, and each is fitted when it is told

/** What stands in an element of mathematics, as text. @param {Element} element */
const spelled = (element) => element.textContent.replaceAll("\u2061", "");

/** The parts of a row of mathematics in runs: a new one begins before each sign that `breaks` accepts. */
function runs(children, breaks) {
  const found = [[]];
  for (const child of children) {
    if (child.localName === "mo" && found.at(-1).length && breaks(child.textContent)) {
      child.setAttribute("form", "infix"); // at the start of a row it would be a sign before a number
      found.push([]);
    }
    found.at(-1).push(child);
  }
  return found;
}

/** What stands in a row of mathematics, brackets opened: a row in it only groups. @param {Element} row */
const flattened = (row) => [...row.children].flatMap((child) => (child.localName === "mrow" ? flattened(child) : [child]));

/** A formula like `math` with other parts. @param {Element} math @param {Element[]} children */
function mathOf(math, children) {
  const [made, row] = [math, math.firstElementChild].map((element) => element.cloneNode(false));
  row.append(...children);
  made.append(row);
  return made;
}

/** Let a formula break before each further “=”: a box for each piece. @param {Element} formula */
function breakable(formula) {
  for (const math of [...formula.querySelectorAll("math")]) {
    let signs = 0;
    const pieces = runs([...math.firstElementChild.children], (sign) => sign === "=" && (signs += 1) > 1 || sign === "+=" && !(signs += 1));
    math.replaceWith(...pieces.map((children) => {
      const piece = make("span", "bl-piece");
      piece.append(mathOf(math, children));
      return piece;
    }));
  }
}

/** An array's numbers become their count, a long name its ends. @param {string} text */
function elided(text) {
  if (text.startsWith("[")) return `[…] ${several(text.split(",").length, "number")}`;
  return text.length > 20 ? `${text.slice(0, 10)}…${text.slice(-6)}` : text;
}

/** Make what is still too wide shorter, and let it break before its other signs; all of it stays as title and for readers. */
function shorten(formula) {
  for (const piece of formula.querySelectorAll(".bl-piece:not(.bl-short)")) {
    const full = spelled(piece);
    piece.classList.add("bl-short");
    for (const leaf of piece.querySelectorAll("mn, mi")) leaf.textContent = elided(leaf.textContent);
    const math = piece.firstElementChild;
    const parts = runs(flattened(math.firstElementChild), (sign) => /^([+−·⊙@,=]|\+=)$/.test(sign)).map((run) => mathOf(math, run));
    piece.replaceChildren(...parts);
    if (spelled(piece) === full) continue;
    piece.title = full;
    for (const part of parts) part.setAttribute("aria-hidden", "true");
    piece.append(make("span", "bl-hidden", full));
  }
}

const shortenAll = (panel) => panel.querySelectorAll(".bl-formula").forEach(shorten);

/** Whether a formula is wider than its place. @param {Element} panel */
const wide = (panel) => [...panel.querySelectorAll(".bl-formula")].some((box) => box.scrollWidth > box.clientWidth + 1);

/** Whether all of a panel is seen. @param {HTMLElement} panel */
const fits = (panel) => panel.scrollHeight <= panel.clientHeight + 1 && panel.scrollWidth <= panel.clientWidth + 1 && !wide(panel);

/**
 * The panel. `tell` and `tellBoth` fill it, `measure` decides its height for all of the film, `fit` makes what it holds fit.
 * @param {any} film @param {number[][]} paces where one comes to rest, at each pace
 */
function teller(film, paces) {
  const css = film.panes ? "bl-say bl-say-both" : "bl-say";
  const element = make("div", css);
  element.setAttribute("aria-live", "polite");
  element.setAttribute("aria-atomic", "true");

  /** A formula; in a long film it comes in pieces (drawing/packing.py). */
  const whole = (math) => (typeof math === "string" ? math : math.map((k) => film.pieces[k]).join(""));
  const one = (math, words) => {
    const formula = make("div", "bl-formula");
    formula.innerHTML = math; // MathML made by notation.py, names escaped there
    breakable(formula);
    return [formula, make("div", "bl-sentence", words)];
  };
  const half = (told, k, remark) => {
    const made = make("div", "bl-half");
    made.append(make("span", "bl-who", k ? "reverse" : "forward"), ...one(whole(told.formula), (k ? "" : remark) + told.say));
    return made;
  };
  /** What is said after some frames, the last of them a stop. */
  const parts = (frames, remark = "") => {
    const both = frames.at(-1).both;
    if (both) return both.map((told, k) => half(told, k, remark));
    const many = frames.length > MOST_TOLD;
    const shown = many ? [...frames.slice(0, MOST_TOLD - 2), frames.at(-1)] : frames;
    const math = shown.map((f) => whole(f.formula));
    const said = shown.map((f) => f.say);
    if (many) [math, said].forEach((list, k) => list.splice(-1, 0, k ? `${several(frames.length - shown.length, "more step")} like these.` : "<span>…</span>"));
    return one(math.join('<span class="bl-then">, </span>'), remark + once(said));
  };
  const tell = (frames, remark) => element.replaceChildren(...parts(frames, remark));
  /** Words alone, with something to press before them. @param {Element} [extra] */
  const say = (words, extra) => element.replaceChildren(...(extra ? [extra] : []), make("div", "bl-sentence", words));

  const size = (math) => (typeof math === "string" ? math.replace(/<[^>]*>/g, "").length : math.reduce((n, k) => n + (film.pieces[k].startsWith("<") ? 0 : film.pieces[k].length), 0));
  const length = (frame) => (frame.both ? frame.both.reduce((n, told) => n + size(told.formula) + told.say.length, 0) : size(frame.formula) + frame.say.length);
  /** The longest things that will be said, each as the panel's children. */
  const longest = () => {
    const lengths = film.frames.map(length);
    const stops = [film.frames.map((_, k) => k), ...paces];
    const chosen = stops.flatMap((rests) => {
      const groups = rests.map((k, j) => [j && rests !== stops[0] ? rests[j - 1] + 1 : k, k]);
      const total = ([from, to]) => lengths.slice(film.frames[to].both ? to : from, to + 1).reduce((a, b) => a + b, 0);
      return groups.map((group) => [total(group), group]).sort((a, b) => b[0] - a[0]).slice(0, MOST_MEASURED);
    });
    const remark = film.asks ? "That was two tries. " : "";
    const made = chosen.map(([, [from, to]]) => parts(film.frames.slice(from, to + 1), remark));
    const asked = (film.asks || []).filter(Boolean).flatMap((q) => [q.asks, ...[q.help, ...q.wrong.map((w) => w[2])].map((help) => `Not ${q.right}. ${help} One more try.`)]);
    const words = asked.sort((a, b) => b.length - a.length).slice(0, MOST_MEASURED);
    return [...made, ...words.map((text) => [make("div", "bl-sentence", text)])];
  };

  let measured = ""; // for which room: several events tell of the same change of it
  /** Decide the height, from the longest things that will be said; what is longer still than there is room for is fitted. */
  const measure = () => {
    const width = element.offsetWidth;
    if (!width) return;
    const big = Boolean(element.closest(".bl-projector"));
    const most = Math.round(big ? 0.27 * window.innerHeight : Math.max(130, Math.min(0.2 * window.innerHeight, 180)));
    const room = [width, most, big].join();
    if (room === measured) return fit();
    measured = room;
    const ruler = make("div", "bl-ruler");
    ruler.setAttribute("aria-hidden", "true");
    ruler.style.width = `${width}px`;
    for (const children of longest()) {
      const panel = make("div", css);
      panel.append(...children);
      ruler.append(panel);
    }
    element.after(ruler);
    const tallest = () => Math.ceil(Math.max(...[...ruler.children].map((panel) => panel.offsetHeight)));
    let height = Math.min(tallest(), most);
    const large = [...ruler.children].filter((panel) => panel.offsetHeight > most || wide(panel));
    if (large.length) { // these must fit at their smallest, and only if they do not there is more room
      ruler.style.setProperty("--bl-scale", String(SHRUNK.at(-1)));
      for (const panel of large) if (panel.offsetHeight > most || wide(panel)) shortenAll(panel);
      height = Math.max(height, tallest());
    }
    ruler.remove();
    element.style.height = `${height}px`;
    fit();
  };

  /** Make what is said fit: smaller first, then shorter. */
  const fit = () => {
    const tries = () => SHRUNK.some((scale) => {
      element.style.setProperty("--bl-scale", String(scale));
      return fits(element);
    });
    if (tries()) return;
    shortenAll(element);
    tries();
  };
  return { element, tell, say, measure, fit };
}
