// What is said of a step: its formula, what explains its local partial, and its sentence or the sum that it adds to, in a
// panel that keeps one height for the whole film.
// No size in it is decided here: texts are measured in whatever fonts there are, and what is too large gives way.

const SMALLEST = 0.46;
// How large, and whether in one line: a formula is set smaller before it is broken. The stylesheet has the smallest sizes that are read.
const SHRUNK = /** @type {[number, boolean][]} */ ([[1, true], [0.88, true], [0.76, true], [0.66, true], [0.76, false], [0.62, false], [0.54, false], [SMALLEST, false]]);
const ALIKE = 0.92; // letters of half the size are rounded to pixels, and may be that much narrower than half
const [LEAST_SHARE, MOST_SHARE] = [0.135, 0.27]; // of the height of a room
const MOST_TOLD = 6; // steps at once, where one goes from node to node
const MOST_MEASURED = 16; // of each kind; the others are shorter, and each is fitted when it is told

/** What stands in an element of mathematics, as text. @param {Element} element */
const spelled = (element) => (element.textContent || "").replaceAll("\u2061", "");

/** The parts of a row of mathematics in runs: a new one begins before each sign that `breaks` accepts. @param {Element[]} children @param {(sign: string) => boolean} breaks */
function runs(children, breaks) {
  /** @type {Element[]} */
  let run = [];
  const found = [run];
  for (const child of children) {
    if (child.localName === "mo" && run.length && breaks(child.textContent || "")) {
      child.setAttribute("form", "infix"); // at the start of a row it would be a sign before a number
      run = [];
      found.push(run);
    }
    run.push(child);
  }
  return found;
}

/** What stands in a row of mathematics, brackets opened: a row in it only groups. @param {Element} row @returns {Element[]} */
const flattened = (row) => [...row.children].flatMap((child) => (child.localName === "mrow" ? flattened(child) : [child]));

const KINDS = /** @type {Record<string, string>} */ ({ p: "bl-value", a: "bl-adjoint", w: "bl-partial" });

/** Give each number of a formula, and each letter that stands for one, its key and its looks: filled if it is used now, with a ring if it comes out. @param {Element} formula @param {Key[]} keys those that the markup has by their place here @param {Told | null} told @param {boolean} tangents */
function keyed(formula, keys, told, tangents) {
  let result = null;
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (formula.querySelectorAll("[k]"))) {
    const mark = part.getAttribute("k") || "";
    const key = keys[Number(mark)] || mark;
    part.removeAttribute("k");
    part.dataset.k = key;
    part.classList.add(KINDS[key[0]]);
    if (tangents && key[0] === "a") part.classList.add("bl-tangent");
    if (part.localName !== "mn" && key[0] === "a" && !tangents) part.setAttribute("aria-label", `${spelled(part)} bar`); // the bar is drawn
    if (part.localName !== "mn") continue;
    part.textContent = read(part.textContent || "");
    if (!told) continue;
    if (told.uses?.includes(key)) part.classList.add("bl-used");
    if (key === told.gives) result = part;
  }
  result?.classList.replace("bl-used", "bl-result") || result?.classList.add("bl-result");
}

/** A formula like `math` with other parts. @param {Element} math @param {Element[]} children */
function mathOf(math, children) {
  const [made, row] = [math, /** @type {Element} */ (math.firstElementChild)].map((element) => /** @type {Element} */ (element.cloneNode(false)));
  row.append(...children);
  made.append(row);
  return made;
}

/** Let a formula break before each further “=”: a box for each piece. @param {Element} formula */
function breakable(formula) {
  for (const math of [...formula.querySelectorAll("math")]) {
    let signs = 0;
    const pieces = runs([.../** @type {Element} */ (math.firstElementChild).children], (sign) => sign === "=" && (signs += 1) > 1 || sign === "+=" && !(signs += 1));
    math.replaceWith(...pieces.map((children) => {
      const piece = make("span", "bl-piece");
      piece.append(mathOf(math, children));
      return piece;
    }));
  }
}

/** A question mark in the place of a part of a formula. @param {Element} part @param {string} css */
function asked(part, css) {
  const made = document.createElementNS(part.namespaceURI, "mn");
  made.setAttribute("class", `bl-asked ${css}`);
  made.setAttribute("data-k", part.getAttribute("data-k") || "");
  made.textContent = "?";
  return made;
}

/** A question mark for all that comes after the last “=”. @param {Element} piece */
function withoutResult(piece) {
  const row = piece.querySelector("math > *");
  const signs = [...(row?.children || [])].filter((part) => /^\+?=$/.test(part.textContent || ""));
  const last = signs.at(-1)?.nextElementSibling;
  if (!last) return;
  while (last.nextElementSibling) last.nextElementSibling.remove();
  last.replaceWith(asked(last, `bl-result ${last.classList.contains("bl-value") ? "bl-value" : "bl-adjoint"}`));
}

/** An array's numbers become their count, a long name its ends. @param {string} text */
function elided(text) {
  if (text.startsWith("[")) return `[…] ${several(text.split(",").length, "number")}`;
  return text.length > 20 ? `${text.slice(0, 10)}…${text.slice(-6)}` : text;
}

/** Make what is still too wide shorter, and let it break before its other signs; all of it stays as title and for readers. @param {Element} formula */
function shorten(formula) {
  for (const piece of /** @type {NodeListOf<HTMLElement>} */ (formula.querySelectorAll(".bl-piece:not(.bl-short)"))) {
    const full = spelled(piece);
    piece.classList.add("bl-short");
    for (const leaf of piece.querySelectorAll("mn, mi")) leaf.textContent = elided(leaf.textContent || "");
    const math = /** @type {Element} */ (piece.firstElementChild);
    const parts = runs(flattened(/** @type {Element} */ (math.firstElementChild)), (sign) => /^([+−·⊙@,=]|\+=)$/.test(sign)).map((run) => mathOf(math, run));
    piece.replaceChildren(...parts);
    if (spelled(piece) === full) continue;
    piece.title = full;
    for (const part of parts) part.setAttribute("aria-hidden", "true");
    piece.append(make("span", "bl-hidden", full));
  }
}

/** @param {Element} panel */
const shortenAll = (panel) => panel.querySelectorAll(".bl-formula").forEach(shorten);

/** Whether a formula is wider than its place. @param {Element} panel */
const wide = (panel) => [...panel.querySelectorAll(".bl-formula")].some((box) => box.scrollWidth > box.clientWidth + 1);

/** What the formulas of a panel need at full size, in one line and of their parts that never break, and what room they have. @param {HTMLElement} panel */
function needs(panel) {
  const bar = panel.offsetWidth - panel.clientWidth; // a smaller formula may need none
  return [...panel.querySelectorAll(".bl-formula")].map((box) => ({
    room: box.clientWidth + bar,
    line: box.scrollWidth,
    part: Math.max(0, ...[...box.querySelectorAll("math")].map((math) => math.getBoundingClientRect().width)),
  }));
}

/** A number of the sum. @param {string} text @param {string} css @param {Key} key @param {string} caption */
function piece(text, css, key, caption) {
  const made = make("span", "bl-add");
  const number = make("span", `bl-adjoint ${css}`, read(text));
  number.dataset.k = key;
  made.append(number, make("small", "", caption));
  return made;
}

/** Whether all of a panel is seen. @param {HTMLElement} panel */
const fits = (panel) => panel.scrollHeight <= panel.clientHeight + 1 && panel.scrollWidth <= panel.clientWidth + 1 && !wide(panel);

/** Name the rules beside the button that explains them, as far as the line has room; all of them are behind it. @param {HTMLElement} button @param {HTMLElement} line @param {string} roles */
function rolesBeside(button, line, roles) {
  const shown = make("span", "", roles);
  line.replaceChildren(button, shown);
  for (let left = roles; left && line.scrollWidth > line.clientWidth;) {
    left = left.includes(",") ? left.slice(0, left.lastIndexOf(",")) : "";
    shown.textContent = left && `${left}, …`;
  }
  if (shown.textContent !== roles) button.title = roles;
}

/** The longest few of some things. @template T @param {T[]} things @param {(thing: T) => number} length */
function longestOf(things, length) {
  const sized = things.map((thing) => /** @type {[T, number]} */ ([thing, length(thing)]));
  return sized.sort((a, b) => b[1] - a[1]).slice(0, MOST_MEASURED).map(([thing]) => thing);
}

/** The panel. `tell` and `say` fill it, `measure` decides its height for all of the film, `fit` makes what it holds fit. */
class Teller {
  /** @param {Film} film @param {Pace} pace */
  constructor(film, pace) {
    this.film = film;
    this.pace = pace;
    this.measured = ""; // for which room: several events tell of the same change of it
    this.again = () => {};
    /** @type {{frames: Frame[], remark: string, children: Element[]} | null} what is probably told next */
    this.ready = null;
    this.hushed = 0; // until steps are read aloud again
    this.terse = false; // whether two graphs need the room: then formulas are seen and sentences only read aloud
    this.open = false; // whether what explains a partial is read where it is too long for its line
    this.css = film.panes ? "bl-say bl-say-both" : `bl-say${film.second ? "" : " bl-say-values"}`;
    this.element = make("div", this.css);
    this.element.setAttribute("aria-live", "polite");
    this.element.setAttribute("aria-atomic", "true");
  }

  /** A formula, in pieces that many share (film/told.py). @param {string} math @param {Fill} fill */
  whole(math, fill) {
    const { pieces } = this.film;
    const row = fill(pieces && math ? math.split(" ").map((k) => pieces[Number(k)]).join("") : math);
    return row && `<math><mrow>${row}</mrow></math>`; // made by notation.py, names escaped there
  }

  /** How many letters one reads in a step's formula. @param {Told} told */
  size({ formula, fill }) {
    return this.whole(formula, fill).replace(/<[^>]*>/g, "").length;
  }

  /** Formulas and words. @param {Told[]} told @param {string} words @param {boolean} tangents whether derivatives are tangents */
  one(told, words, tangents = this.film.second === "tangent") {
    const formula = make("div", "bl-formula");
    told.forEach((one, k) => {
      const part = make("span", "");
      part.innerHTML = this.whole(one.formula, one.fill);
      keyed(part, [one.gives || "", ...(one.uses || [])], one, tangents);
      if (k) formula.append(make("span", "bl-then", ", "));
      formula.append(...part.childNodes);
    });
    breakable(formula);
    const sentence = make("div", "bl-sentence", read(words));
    if (!formula.textContent) return [sentence];
    const [left, aside] = [make("div", "bl-left"), make("div", "bl-aside")];
    left.append(formula, this.why(told));
    const sum = told.length === 1 && told[0].sum;
    if (sum) aside.append(this.sum(sum, told[0].gives || "", told[0].uses?.[0] === told[0].gives, told[0].fill));
    sentence.classList.toggle("bl-hidden", Boolean(sum)); // the pieces say the same
    aside.append(sentence);
    return [left, aside];
  }

  /** Where the local partials come from that are used: rule, letters, numbers. @param {Told[]} told */
  why(told) {
    const line = make("div", "bl-why");
    line.setAttribute("aria-live", "off"); // it is settled once it is painted, and the sentence has said it
    const chains = make("span", "bl-chains");
    for (const key of new Set(told.flatMap(({ uses }) => (uses || []).filter((k) => k[0] === "w")))) {
      const edge = this.pace.fold.edge(`e${key.slice(1)}`);
      if (!edge?.chain) continue;
      const chain = make("span", "bl-chain", `${edge.role} → `);
      const math = make("span", "");
      const keys = [key, `p${edge.to}`, `p${edge.from}`];
      math.innerHTML = this.whole(edge.chain, (text) => this.film.live?.fill(text, keys) ?? text);
      keyed(math, keys, null, false);
      chain.append(...math.childNodes);
      chains.append(chain);
    }
    line.append(chains);
    return line;
  }

  /** What has reached a node, in pieces; the sum is the next step's, which may be asked for. @param {Sum} sum @param {Key} key @param {boolean} done @param {Fill} fill */
  sum({ times, pieces, total }, key, done, fill) {
    const made = make("div", "bl-sum");
    made.setAttribute("aria-hidden", "true"); // the sentence is read
    const head = make("div", "bl-sum-head", ` is used ${times === 2 ? "twice" : `${times} times`}: arrivals add up`);
    head.prepend(make("b", "", read(this.film.names[Number(key.slice(1))])));
    const [first, last] = pieces.map(([id, text], k) => piece(fill(text), done ? "bl-used" : k ? "bl-result" : "", key, id === null ? "so far" : read(`from ${this.film.names[id]}`)));
    const whole = piece(this.film.asks && !done ? "?" : fill(total), done ? "bl-result" : "bl-coming", key, done ? "sum" : "next");
    const row = make("div", "bl-adds");
    row.append(first, make("span", "bl-sign", "+"), last, make("span", "bl-sign", "→"), whole);
    made.append(head, row);
    return made;
  }

  /** Make the pieces of a sum as small as their place asks for; where the smallest that is read is too large, the sentence is read instead. @param {HTMLElement} sum */
  shrink(sum) {
    const row = /** @type {HTMLElement} */ (sum.querySelector(".bl-adds"));
    sum.hidden = false; // it may have been fitted before, to another room
    row.style.removeProperty("--bl-sum");
    const room = sum.clientWidth / row.scrollWidth;
    if (room < 1) row.style.setProperty("--bl-sum", String(Math.floor(97 * room) / 100));
    const small = row.scrollWidth > sum.clientWidth;
    sum.hidden = small;
    sum.nextElementSibling?.classList.toggle("bl-hidden", !small || this.terse);
  }

  /** Put what explains the partials below its fraction; what is too long for its line waits behind a button. @param {Element} left */
  settle(left) {
    const line = /** @type {HTMLElement} */ (left.querySelector(".bl-why"));
    const chains = /** @type {HTMLElement | null} */ (line?.querySelector(".bl-chains"));
    if (!chains?.firstChild) return;
    const [all, own] = [left, chains].map((box) => box.getBoundingClientRect());
    const slope = left.querySelectorAll(".bl-formula mfrac.bl-partial");
    const under = slope.length === 1 ? slope[0].getBoundingClientRect() : null;
    line.classList.toggle("bl-elbow", Boolean(under) && chains.childElementCount === 1);
    const room = all.width - own.width - 26;
    line.style.paddingLeft = under ? `${Math.max(0, Math.min((under.left + under.right) / 2 - all.left, room))}px` : "";
    if (room >= 0) return;
    line.classList.remove("bl-elbow");
    line.style.paddingLeft = "";
    const roles = [...chains.children].map((chain) => (chain.firstChild?.textContent || "").slice(0, -3));
    const button = pusher("why", () => {
      this.open = !this.open;
      this.again();
      this.fit();
      /** @type {HTMLElement | null} */ (this.element.querySelector(".bl-why button"))?.focus();
    });
    button.setAttribute("aria-expanded", String(this.open));
    rolesBeside(button, line, [...new Set(roles)].join(", "));
    if (!this.open) return;
    const aside = /** @type {Element} */ (left.nextElementSibling);
    for (const other of aside.children) other.classList.add("bl-hidden");
    aside.append(chains);
  }

  /** What is said after some frames, the last of them a stop. @param {Frame[]} frames @param {string} remark */
  parts(frames, remark) {
    const last = frames[frames.length - 1];
    if (last.both) return last.both.map((told, k) => this.half(told, k, k ? "" : remark));
    const many = frames.length > MOST_TOLD;
    const shown = many ? [...frames.slice(0, MOST_TOLD - 2), last] : frames;
    const said = shown.filter((f, k) => !f.gives || f.gives !== shown[k + 1]?.gives).map((f) => this.said(f)); // of an arrival its sum says the rest
    /** @type {Told[]} */
    const told = [...shown];
    if (many) {
      told.splice(-1, 0, Object.create(last, { formula: { value: "<mo>…</mo>" }, uses: { value: [] }, gives: { value: undefined } }));
      said.splice(-1, 0, `${several(frames.length - shown.length, "more step")} like these.`);
    }
    return this.one(told, remark + once(said));
  }

  /** A step's sentence. @param {Told} told */
  said({ say, fill, gives }) {
    const note = gives?.[0] === "p" ? this.film.live?.note(Number(gives.slice(1))) : null;
    return `${fill(say)}${note ? ` ${note.sentence}.` : ""}`;
  }

  /** @param {Told} told @param {number} k @param {string} remark */
  half(told, k, remark) {
    const made = make("div", "bl-half");
    made.append(make("span", "bl-who", k ? "reverse" : "forward"), ...this.one([told], remark + this.said(told), !k));
    if (this.terse) for (const words of made.querySelectorAll(".bl-aside > .bl-sentence, .bl-sum-head")) words.classList.add("bl-hidden");
    return made;
  }

  /** For a while nothing is read aloud: an input moves, and says its own number. */
  hush() {
    this.element.setAttribute("aria-live", "off");
    clearTimeout(this.hushed);
    this.hushed = setTimeout(() => this.element.setAttribute("aria-live", "polite"), 400);
  }

  /** @param {Frame[]} frames @param {string} remark */
  tell(frames, remark) {
    const { ready } = this;
    this.ready = null;
    this.again = () => this.fill(this.parts(frames, remark));
    if (this.element.querySelector(":focus")) focusPlayer(this.element); // what has the focus goes
    const known = ready && ready.remark === remark && ready.frames.length === frames.length && ready.frames.every((frame, k) => frame === frames[k]);
    if (known) this.fill(ready.children);
    else this.again();
  }

  /** Make what will be told of these, while the page has nothing else to do: half of what a step takes. @param {Frame[]} frames @param {string} remark */
  prepare(frames, remark) {
    this.ready = { frames, remark, children: this.parts(frames, remark) };
  }

  /** Steps that are not shown yet: a question mark stands for what comes out, and where it is to be found for the local partial. @param {Frame[]} frames @param {string} words @param {boolean} veiled whether no local partial is told @param {Element} [extra] */
  asking(frames, words, veiled, extra = undefined) {
    const panel = make("div", "");
    panel.append(...this.parts(frames, ""));
    for (const formula of panel.querySelectorAll(".bl-formula")) {
      if (veiled) for (const slope of formula.querySelectorAll('[data-k^="w"]:not(mfrac)')) slope.replaceWith(asked(slope, "bl-partial"));
      for (const piece of formula.querySelectorAll(".bl-piece")) if (!piece.nextElementSibling?.matches(".bl-piece")) withoutResult(piece);
    }
    for (const more of panel.querySelectorAll(veiled ? ".bl-sum, .bl-why" : ".bl-sum")) more.remove();
    panel.querySelectorAll(".bl-sentence").forEach((sentence, k) => {
      sentence.classList.remove("bl-hidden");
      sentence.textContent = k ? "" : read(words);
    });
    if (extra) (panel.querySelector(".bl-left") || panel).append(extra);
    return [...panel.children];
  }

  /** @param {Frame[]} frames @param {string} words @param {boolean} veiled @param {Element} [extra] */
  ask(frames, words, veiled, extra) {
    this.again = () => this.fill(this.asking(frames, words, veiled, extra));
    this.again();
  }

  /** Words alone, with something to press before them. @param {string} words @param {Element} [extra] */
  say(words, extra) {
    this.again = () => this.fill([...(extra ? [extra] : []), make("div", "bl-sentence", read(words))]);
    this.again();
  }

  /** Show these, at full size until they are fitted: whoever measures the page before lays them out as the first try needs them. @param {Element[]} children */
  fill(children) {
    this.element.replaceChildren(...children);
    this.set(...SHRUNK[0]);
  }

  /** How large what is said is set, and whether a formula stays in one line. @param {number} scale @param {boolean} whole */
  set(scale, whole) {
    const { style, classList } = this.element;
    if (style.getPropertyValue("--bl-scale") !== String(scale)) style.setProperty("--bl-scale", String(scale));
    classList.toggle("bl-unbroken", whole);
  }

  /** How much is said of a frame: of two that stand beside each other, the one of which more is. @param {Frame} frame */
  length(frame) {
    return Math.max(...(frame.both || [frame]).map((told) => this.size(told) + (this.terse ? 0 : told.fill(told.say).length)));
  }

  /** The longest things that will be said, each as the panel's children. @param {boolean} [single] of single steps */
  longest(single) {
    const { film } = this;
    const every = film.large ? Math.ceil(film.frames.length / 2000) : 1; // of a large film some
    const lengths = film.frames.map((frame, k) => (k % every ? 0 : this.length(frame)));
    const each = film.frames.map((_, k) => k);
    const chosen = ["", ...(single ? [] : ["node", "box"])].flatMap((kind) => {
      const rests = kind ? (this.pace.rests[kind] ?? []) : each;
      const groups = rests.map((k, j) => {
        const [frames, words] = this.pace.within(kind && k ? (rests[j - 1] ?? 0) : k - 1, k, kind);
        return /** @type {[number, number, string]} */ ([k + 1 - frames.length, k, words]);
      });
      const total = (/** @type {[number, number, string]} */ [from, to, { length }]) => lengths.slice(film.frames[to].both ? to : from, to + 1).reduce((a, b) => a + b, length);
      return longestOf(groups, total);
    });
    const distinct = [...new Map(chosen.map((group) => [String(group), group])).values()]; // a node's only step is one of the steps
    const made = distinct.map(([from, to, words]) => this.parts(film.frames.slice(from, to + 1), words || (film.asks && from === to ? "That was two tries. " : "")));
    const asked = longestOf(film.asks ? spokenOf(film.asks) : [], ([k, text]) => text.length + this.size(film.frames[k]));
    return [...made, ...asked.map(([k, text]) => this.asking([film.frames[k]], text, true, make("span", "bl-button bl-showturn", "show it")))];
  }

  /** What share of a room's height may be told: less, where the graph fits below then and would scroll otherwise. */
  share() {
    const root = /** @type {HTMLElement} */ (this.element.parentElement);
    const [tall, share] = ["--bl-tall", "--bl-share"].map((name) => parseFloat(root.style.getPropertyValue(name)));
    const left = 1 - (this.element.offsetTop + 1.2 * share * tall + 14) / window.innerHeight;
    return left < LEAST_SHARE ? MOST_SHARE : Math.min(left, MOST_SHARE);
  }

  /** Decide the height, from the longest things that will be said; what is longer still than there is room for is fitted. */
  measure() {
    const { element } = this;
    const width = element.offsetWidth;
    if (!width) return;
    const big = Boolean(element.closest(".bl-projector"));
    // in a room a view or a mystery shares the graph's place: there what several steps say at once has to scroll
    const shared = big && element.parentElement?.matches(":has(.bl-mystery, > .bl-main.bl-viewing)");
    const most = Math.round(big ? (this.film.panes ? 0.145 : shared ? 0.17 : this.share()) * window.innerHeight : this.film.panes ? 164 : width < 860 ? 150 : 118);
    const room = [width, most, big].join();
    if (room === this.measured) {
      this.refit();
      return;
    }
    this.measured = room;
    const terse = big && Boolean(this.film.panes) && window.innerHeight <= 900;
    if (terse !== this.terse) {
      this.terse = terse;
      this.ready = null;
      this.again();
    }
    const ruler = make("div", "bl-ruler");
    ruler.setAttribute("aria-hidden", "true");
    ruler.style.width = `${width}px`;
    const panels = this.longest(shared).map((children) => {
      const panel = make("div", this.css);
      panel.append(...children);
      return panel;
    });
    ruler.append(...panels);
    element.after(ruler);
    const tallest = (/** @type {HTMLElement[]} */ some) => Math.ceil(Math.max(...some.map((panel) => panel.offsetHeight)));
    const tooLarge = (/** @type {HTMLElement} */ panel) => panel.offsetHeight > most || wide(panel);
    let height = Math.min(tallest(panels), most);
    const large = panels.filter(tooLarge);
    if (large.length) { // these must fit at their smallest, and only if they do not there is more room
      for (const panel of large) panel.style.setProperty("--bl-scale", String(SMALLEST));
      large.filter(tooLarge).forEach(shortenAll);
      height = Math.max(height, tallest(large));
    }
    ruler.remove();
    element.style.height = `${height}px`;
    element.parentElement?.style.setProperty("--bl-told", `${height}px`); // the picture has what is left
    this.refit();
  }

  /** Make what is said fit into another room, for which it need not be as short as it was. */
  refit() {
    if (this.element.querySelector(".bl-short")) this.again();
    this.fit();
  }

  /** Make what is said fit: smaller first, then shorter. What is clearly too wide is not tried: each try lays the panel out. */
  fit() {
    const { element } = this;
    const tries = () => {
      /** @type {ReturnType<typeof needs> | undefined} */
      let needed;
      return SHRUNK.some(([scale, whole]) => {
        if (needed?.some(({ room, line, part }) => ALIKE * scale * (whole ? line : part) > room + 1)) return false;
        this.set(scale, whole);
        const good = fits(element);
        needed ??= good ? [] : needs(element);
        return good;
      });
    };
    if (!tries()) {
      shortenAll(this.element);
      tries();
    }
    this.element.querySelectorAll(".bl-sum").forEach((sum) => this.shrink(/** @type {HTMLElement} */ (sum)));
    this.element.querySelectorAll(".bl-left").forEach((left) => this.settle(left));
    if (!fits(this.element)) tries();
  }
}
