// Small parts of the player's page: elements, buttons, boxes that scroll, classes for a while.
// The files of this folder are joined to one module without imports, in the order that page.py says.

/** @type {Record<string, string>} */
const ICONS = {
  first: "M4 4v12M16 4l-9 6 9 6z",
  previous: "M13 4l-8 6 8 6z",
  next: "M7 4l8 6-8 6z",
  last: "M16 4v12M4 4l9 6-9 6z",
  more: "M3 10a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0M8.4 10a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0M13.8 10a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0",
  projector: "M3 4h14v9H3zM10 13v3M6 17h8",
};
const FILLED = new Set(["first", "previous", "next", "last", "more"]);

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} css @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
function make(tag, css, text) {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text !== undefined) element.textContent = text;
  return element;
}

/**
 * Make an element of SVG.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {string} css @param {Record<string, string | number>} attributes @param {string} [text]
 * @returns {SVGElementTagNameMap[K]}
 */
function draw(tag, css, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (css) made.setAttribute("class", css);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Write a text into an element that holds nothing else: where one stands already, the browser need not make it anew. @param {Element} element @param {string} text */
function writeText(element, text) {
  const own = element.firstChild;
  if (!(own instanceof Text) || own !== element.lastChild) element.textContent = text;
  else if (own.data !== text) own.data = text;
}

/** The document or the shadow tree in which an element stands: it knows where the focus is, and what fills the screen. @param {Element} element */
const treeOf = (element) => /** @type {Document | ShadowRoot} */ (element.getRootNode());

/** A button with an icon of its own, so that no font needs to have the sign. @param {string} name @param {string} label @param {string} key */
function button(name, label, key) {
  const made = make("button", `bl-button bl-${name}`);
  made.type = "button";
  made.title = `${label} (${key})`;
  made.setAttribute("aria-label", label);
  const fill = FILLED.has(name) ? "currentColor" : "none";
  made.innerHTML = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="${ICONS[name]}" fill="${fill}" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/></svg>`;
  return made;
}

/** A button with a word. @param {string} text @param {() => void} run @param {string} [title] */
function pusher(text, run, title) {
  const made = make("button", "bl-toggle", text);
  made.type = "button";
  if (title) made.title = title;
  made.addEventListener("click", run);
  return made;
}

/** A button that stays pressed. @param {string} text @param {boolean} pressed @param {(on: boolean) => void} changed */
function toggle(text, pressed, changed) {
  const made = pusher(text, () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(on));
    changed(on);
  });
  made.setAttribute("aria-pressed", String(pressed));
  return made;
}

/** A box to tick, with its word. @param {string} text @param {string} title @param {boolean} checked @param {(on: boolean) => void} changed */
function ticker(text, title, checked, changed) {
  const box = Object.assign(make("input", "bl-predicts"), { type: "checkbox", checked });
  const choice = make("label", "bl-choice");
  choice.title = title;
  choice.append(box, make("span", "", text));
  box.addEventListener("change", () => changed(box.checked));
  return choice;
}

/**
 * A choice from a list with its label.
 * @param {string} label @param {string[][]} choices value and text @param {string | null} chosen @param {(value: string) => void} changed
 */
function select(label, choices, chosen, changed) {
  const box = make("label", "bl-choice");
  const list = make("select", "bl-select");
  for (const [value, text] of choices) {
    const option = make("option", "", text);
    option.value = value;
    option.selected = value === chosen;
    list.append(option);
  }
  list.addEventListener("change", () => changed(list.value));
  list.setAttribute("aria-label", label); // the label around it would be read with all the choices
  box.append(make("span", "", label), list);
  return { box, list };
}

/** A box that may scroll, and has a name for that. @param {string} css @param {string} label */
function scroller(css, label) {
  const box = make("div", css);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  return box;
}

/** A head of a table's column or row. @param {string} scope @param {string} text @param {string} [css] */
function heading(scope, text, css = "") {
  return Object.assign(make("th", css, text), { scope });
}

/** A table with its three parts. @param {string} css @param {string} caption for who does not see it */
function tableOf(css, caption) {
  const made = make("table", css);
  made.append(make("caption", "bl-hidden", caption));
  return { made, head: made.createTHead(), body: made.createTBody() };
}

/** Classes that elements have for a while. */
class Lights {
  /** @type {[Element, string][]} */
  lit = [];
  /** @type {Map<Element, Set<string>>} what was lit before, while others are being lit */
  held = new Map();

  /** @param {Element | null | undefined} element @param {string} name */
  on(element, name) {
    if (!element) return;
    const held = this.held.get(element)?.delete(name);
    if (!held && element.classList.contains(name)) return;
    if (!held) element.classList.add(name);
    this.lit.push([element, name]);
  }

  off() {
    this.hold();
    this.release();
  }

  /** What is lit goes with `release`, unless it is lit again until then. */
  hold() {
    this.release();
    for (const [element, name] of this.lit) {
      const names = this.held.get(element);
      if (names) names.add(name);
      else this.held.set(element, new Set([name]));
    }
    this.lit = [];
  }

  release() {
    for (const [element, names] of this.held) for (const name of names) element.classList.remove(name);
    this.held.clear();
  }

  /** The elements that have a class. @param {string} name */
  with(name) {
    return this.lit.filter(([, own]) => own === name).map(([element]) => /** @type {any} */ (element));
  }
}

/** The number that a text begins with; of a sum that waits, what was there before. @param {string} text */
const numberOf = (text) => (text ? Number(text.split(" ")[0].replaceAll("−", "-").replace("inf", "Infinity")) : NaN);

const LOW = /(?<=(?<![\p{L}\d])\p{L}[\u0304\u0307]?)_?(\d{1,5})(?![\w(])|(?<=\p{L}[\u0304\u0305\u0307]?)_(\d{1,5})(?![\w(])/gu;

/** A text as it is read: the numbers of v1 and tau_2 are subscripts, and numbers from five digits on stand in groups. @param {string} text */
function read(text) {
  if (!/\p{L}|\d{5}/u.test(text)) return text; // most numbers
  const low = text.replace(LOW, (_, of, after) => (of || after).replace(/./g, (/** @type {string} */ d) => String.fromCharCode(8320 + Number(d))));
  return low.replace(/(?<![\p{L}\d.])\d{5,}(?!\w)/gu, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, "\u202f"));
}

/** Several of something in words: 1 addition, 2 additions. @param {number} count @param {string} word */
function several(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Things in a sentence: x, y and z. @param {string[]} things */
function listed(things) {
  return [things.slice(0, -1).join(", "), ...things.slice(-1)].filter(Boolean).join(" and ");
}

/** Several texts as one, each of their sentences once. @param {string[]} texts */
function once(texts) {
  return [...new Set(texts.flatMap((text) => text.split(/(?<=[.?!]) /)))].join(" ");
}

/** A key of a map, and its list made longer. @template K, V @param {Map<K, V[]>} lists @param {K} key @param {V} value */
function into(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Scroll a box of its own, never the page, so that a row stays visible. @param {HTMLElement} box @param {HTMLElement | undefined} row */
function keepInView(box, row) {
  if (!row || box.scrollHeight <= box.clientHeight) return;
  const top = row.offsetTop - box.offsetTop;
  if (top < box.scrollTop + 24) box.scrollTop = top - 24;
  else if (top + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + row.offsetHeight - box.clientHeight;
}

/** The same for a node in a picture wider than its box. @param {HTMLElement} box @param {Element | undefined} node */
function keepNodeInView(box, node) {
  if (!node || (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight)) return;
  const frame = box.getBoundingClientRect();
  const place = node.getBoundingClientRect();
  if (place.left < frame.left) box.scrollLeft -= frame.left - place.left + 16;
  else if (place.right > frame.right) box.scrollLeft += place.right - frame.right + 16;
  if (place.top < frame.top) box.scrollTop -= frame.top - place.top + 16;
  else if (place.bottom > frame.bottom) box.scrollTop += place.bottom - frame.bottom + 16;
}

/** What a film's texts are at a position, whatever of its picture is seen. @param {Pane} film @returns {(at: number) => (key: Key) => string} */
function textsOf(film) {
  if (film.large) return (at) => (key) => film.large.text(key, at);
  let last = -1;
  /** @type {Record<Key, string>} */
  let texts = {};
  let of = film.changes;
  return (at) => {
    if (at !== last || of !== film.changes) texts = Object.assign({}, ...film.changes.slice(0, at + 1));
    [last, of] = [at, film.changes];
    return (key) => texts[key] || "";
  };
}

/** The same at the end of the run; of a large film nothing is sent but what steps it takes. @param {Pane} film */
const atEnd = (film) => textsOf(film)((film.large ? film.frames : film.changes).length - 1);

const DIGITS = 5; // of a number wherever it stands: notation.DIGITS

/** A number that lies in the middle of two that are written with so many digits, as the even one. Python rounds so, JavaScript away from zero; 40 digits show what lies there, and 17 what cannot. @param {number} size @param {number} digits */
function even(size, digits) {
  if (!/^50*e/.test(size.toExponential(16).replace(".", "").slice(digits))) return undefined;
  const [all, power] = size.toExponential(40).replace(".", "").split("e");
  return /^50*$/.test(all.slice(digits)) && Number(all[digits - 1]) % 2 === 0 ? `${all[0]}.${all.slice(1, digits)}e${power}` : undefined;
}

/** A number as notation.number writes it: `digits` significant ones, a real minus, no needless zeros. @param {number} x @param {number} [digits] */
function wrote(x, digits = DIGITS) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "−inf";
  if (x === 0) return "0";
  if (Number.isInteger(x) && Math.abs(x) < 10 ** Math.max(digits, 6)) return String(x).replace("-", "−");
  const size = Math.abs(x);
  const [mantissa, power] = (even(size, digits) ?? size.toExponential(digits - 1)).split("e");
  const plain = (/** @type {string} */ text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const exponent = Number(power);
  const sign = x < 0 ? "−" : "";
  if (exponent < -4 || exponent >= digits) {
    const short = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${plain(mantissa)}e${exponent < 0 ? "−" : "+"}${short}`;
  }
  return sign + plain(Number(`${mantissa}e${power}`).toFixed(Math.max(digits - 1 - exponent, 0)));
}

/** A number where there is room for so many digits, and for one less beside a power of ten: notation.shorter. @param {number} x @param {number} digits */
function shorter(x, digits) {
  const text = wrote(x, digits);
  return text.includes("e") && digits > 1 ? wrote(x, digits - 1) : text;
}

/** The number in a cell. @param {number} x */
const inCell = (x) => (typeof x === "number" ? wrote(x) : arrayInCell(x));

/** Hand the focus back to the player, which has the keys. @param {Element} inside */
function focusPlayer(inside) {
  /** @type {HTMLElement | null} */ (inside.closest(".bl-player"))?.focus();
}

/** The keys, in a list that opens. @param {{keys: string, says: string}[]} entries */
function keyList(entries) {
  const made = make("dl", "bl-keys");
  for (const { keys, says } of entries) made.append(make("dt", "", keys), make("dd", "", says));
  return made;
}
