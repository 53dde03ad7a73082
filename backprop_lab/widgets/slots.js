// Texts with slots for numbers: text/slots.py writes them, and says what they mean.

const [OPEN, NEXT, SHUT] = ["\ue800", "\ue801", "\ue802"];
const SLOT_SIGNS = /([\ue800-\ue802])/;

/** A text without the marks of single letters, numbers and signs. @param {string} text */
const bare = (text) => text.replace(/<\/?m(i|n|o|row)\b[^>]*>/g, "");

/** Of texts that read the same in a row, the last. @param {string[]} texts */
function distinct(texts) {
  return texts.filter((text, k) => k + 1 === texts.length || bare(text) !== bare(texts[k + 1]));
}

/** A number as an exponent in plain text. @param {string} text */
function raised(text) {
  if (/^−?\d+$/.test(text)) return text.replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["−0123456789".indexOf(sign)]);
  return text.startsWith("−") ? `^(${text})` : `^${text}`;
}

/** @type {Record<string, (a: number, b: number) => number>} */
const ARITHMETIC = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b };

/** @param {Numbers} x */
const isZero = (x) => (typeof x === "number" ? x === 0 : !x.flat(2).some(Boolean));

/** A number by its name, or worked out, operands first: `p3 w4_0 *`; by a name alone also those of an array, or in a list. @param {string} name @param {(name: string) => Numbers} numbersOf @returns {any} */
function worth(name, numbersOf) {
  if (name[0] === "[") return JSON.parse(name.replace(/[^[\],]+/g, '"$&"'), (_, x) => (typeof x === "string" ? worth(x, numbersOf) : x));
  const numberOf = /** @type {(name: string) => number} */ (numbersOf);
  if (!name.includes(" ") && !/^-?\d+\.|^-?(inf|nan)$/.test(name)) return numberOf(name);
  /** @type {number[]} */
  const stack = [];
  for (const word of name.split(" ")) {
    if (ARITHMETIC[word]) stack.push(ARITHMETIC[word](.../** @type {[number, number]} */ (stack.splice(-2))));
    else if (word === "neg") stack.push(-(stack.pop() ?? NaN));
    else if (word[0] === "~") stack.push(slopeAtValue(word.slice(1), stack));
    else if (/^-?(\d|inf|nan)/.test(word)) stack.push(Number(word.replace("inf", "Infinity")));
    else stack.push(numberOf(word));
  }
  return stack[0];
}

/** An operation's slope at what stands in its operand's place; where that is outside of its domain, the right one. @param {string} name @param {number[]} stack which ends with the right one, the operand, and perhaps a setting */
function slopeAtValue(name, stack) {
  const { value, slopes, outside, setting } = OPERATIONS[name];
  const [right, ...taken] = stack.splice(setting ? -3 : -2);
  return outside?.[0]?.(taken[0]) ? right : slopes[0]?.(value(...taken), ...taken) ?? 0;
}

/** A text with its numbers in. @param {string} text @param {(name: string) => Numbers} numberOf @returns {string} */
function filled(text, numberOf) {
  if (!text.includes(OPEN)) return text;
  const tokens = text.split(SLOT_SIGNS);
  let at = 0;
  const written = (/** @type {string} */ name) => {
    const x = worth(name, numberOf);
    return typeof x === "number" ? wrote(x) : wroteAll(x);
  };
  /** @param {string[]} parts */
  const meant = ([what, ...parts]) => {
    if (what === "=") return distinct(parts.slice(1)).join(parts[0]);
    if (what[0] === "^") return raised(written(what.slice(1)));
    if (what[0] !== "?") return written(what);
    const name = what.slice(2);
    const so = what[1] === "-" ? written(name).startsWith("−") : isZero(worth(name, numberOf));
    return parts[so ? 0 : 1] ?? "";
  };
  const part = () => {
    let made = "";
    for (; at < tokens.length && tokens[at] !== NEXT && tokens[at] !== SHUT; at += 1) made += tokens[at] === OPEN ? slot() : tokens[at];
    return made;
  };
  /** @returns {string} */
  const slot = () => {
    const parts = [];
    do {
      at += 1; // over what opens it, or parts it
      parts.push(part());
    } while (tokens[at] === NEXT);
    return meant(parts);
  };
  return part();
}
