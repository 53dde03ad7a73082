// What was typed, read without ever being evaluated: a number, a list of numbers, a shape; or a sentence that says why not.

/** @typedef {{value?: any, trouble?: string}} Typed */

/** What cannot be read, as it was typed. @param {string} text */
const quoted = (text) => `“${text.trim().slice(0, 30)}${text.trim().length > 30 ? "…" : ""}”`;

/** A number with a comma or spaces in it as Python writes it; null if it can be read in two ways. @param {string} text */
function pointed(text) {
  const plain = text.replace(/(?<=\d)\s(?=\d{3}(?!\d))/g, ""); // the spaces between thousands
  if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain)) return null;
  const grouped = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(plain); // 1,234.5
  return grouped ? plain.replace(/,/g, "") : plain.replace(",", ".");
}

/** A typed number: 14, 0.5, 0,5, 3 200, 2/3, 1e-3, −4. Returns {value} or {trouble}, a sentence. @param {string} text @returns {Typed} */
function typedNumber(text) {
  const clean = text.trim().replace(/[−–]/g, "-").replace(/\s*\/\s*/, "/").replace(/^([+-])\s+/, "$1");
  if (!clean) return { trouble: "Type a number first, such as 14, 0.5 or 2/3." };
  const [top, bottom, more] = clean.split("/").map(pointed);
  if (top === null || bottom === null) {
    const part = clean.split("/").find((one) => pointed(one) === null) || "";
    return { trouble: `${quoted(part)} can be read in two ways; write ${part.replace(",", "")} or ${part.replace(",", ".").replace(/0+$/, "")}.` };
  }
  const pattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i;
  if (more !== undefined || !pattern.test(top) || (bottom !== undefined && !pattern.test(bottom)) || clean.length > 40) {
    return { trouble: `${quoted(text)} cannot be read as a number; write 14, 0.5, 2/3 or 1e-3.` };
  }
  if (bottom !== undefined && Number(bottom) === 0) return { trouble: "A fraction needs something other than 0 below." };
  const value = Number(top) / (bottom === undefined ? 1 : Number(bottom));
  if (!Number.isFinite(value)) return { trouble: "This number is larger than any that a computer's floats can hold." };
  return { value };
}

/** A typed list of numbers, [1, 2] or [[1, 2], [3, 4]], read sign by sign. Returns {value} or {trouble}. @param {string} text @returns {Typed} */
function typedList(text) {
  const example = "write [1, 2, 3], or [[1, 2], [3, 4]] for two rows.";
  if (!text.trim()) return { trouble: `Type the numbers first: ${example}` };
  const open = text.trim().replace(/\(/g, "[").replace(/\)/g, "]").replace(/[−–]/g, "-");
  const signs = (open.startsWith("[") ? open : `[${open}]`).match(/[[\]]|[^[\],;\s]+/g) || [];
  /** @type {any[][]} */
  const stack = [[]];
  for (const sign of signs) {
    if (sign === "[") stack.push([]);
    else if (sign === "]") {
      const done = stack.pop();
      if (!stack.length) return { trouble: `A bracket is closed that was never opened; ${example}` };
      stack[stack.length - 1].push(done);
    } else {
      const { value, trouble } = typedNumber(sign);
      if (trouble) return { trouble };
      stack[stack.length - 1].push(value);
    }
    if (stack.length > 9) return { trouble: `There are too many brackets; ${example}` };
  }
  if (stack.length > 1) return { trouble: `A bracket is not closed; ${example}` };
  if (stack[0].length !== 1 || !shapeOf(stack[0][0])) return { trouble: `The rows must be equally long; ${example}` };
  return { value: stack[0][0] };
}

/** A typed shape: 3×2, (3, 2), 3 by 2; (3,) or 3 for one axis. Returns {value} or {trouble}. @param {string} text @returns {Typed} */
function typedShape(text) {
  const clean = text.trim().replace(/^[[(]|[\])]$/g, "");
  if (!text.trim()) return { trouble: "Type a shape first, such as 3×2, or 3 for one axis." };
  const sizes = clean.split(/\s*(?:[×x*,]|by)\s*|\s+/i).filter(Boolean);
  if (sizes.length > 8 || !sizes.every((size) => /^\d{1,9}$/.test(size))) {
    return { trouble: `${quoted(text)} cannot be read as a shape; write 3×2 or (3, 2), or 3 for one axis.` };
  }
  return { value: sizes.map(Number) };
}

const TYPED = { number: typedNumber, array: typedList, shape: typedShape };

/** The shape of nested lists; null where rows differ. @param {any} x @returns {number[] | null} */
function shapeOf(x) {
  if (!Array.isArray(x)) return [];
  const inner = x.map(shapeOf);
  if (inner.some((shape) => !shape || String(shape) !== String(inner[0]))) return null;
  return [x.length, ...(inner[0] || [])];
}
