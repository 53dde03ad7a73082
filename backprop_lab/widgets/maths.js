// What the table computes with a function of Python's, or with one of its own. A page whose graph needs none of it comes
// without this file; table/javascript.py writes all else.

/** @param {number} x */
const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
/** @param {number} x */
const side = (x) => (x > 0 ? 1 : x < 0 ? -1 : x);
/** @param {number} a @param {number} b */
const share = (a, b) => (a > b ? 1 : a === b ? 0.5 : a < b ? 0 : NaN);

/** What the table's entries compute with Python's functions, or with some of their own. @type {Record<string, (...operands: number[]) => number>} */
const MATHS = {
  ...Object.fromEntries(["sqrt", "cbrt", "exp", "log", "log2", "log10", "expm1", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "hypot", "abs"].map((name) => [name, Math[/** @type {"sin"} */ (name)]])),
  ...Object.fromEntries(["sin", "cos", "tan", "sinh", "cosh", "tanh"].map((name) => [`arc${name}`, Math[/** @type {"asin"} */ (`a${name}`)]])),
  arctan2: Math.atan2,
  exp2: (x) => power(2, x),
  sigmoid,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  maximum: (a, b) => (a > b || Number.isNaN(a) ? a : b),
  minimum: (a, b) => (a < b || Number.isNaN(a) ? a : b),
  sech2(t, x) { // far out, where 1 − t² has lost its digits
    const e = Math.exp(-2 * Math.abs(x));
    return (4 * e) / ((1 + e) * (1 + e));
  },
  bell: (t, x) => t * sigmoid(-x),
  side,
  sign: side,
  share,
  wins: share,
  pseudo_reciprocal: (x) => (x === 0 ? 0 : 1 / x),
  no_slope: (x) => (x > 0 || x < 0 ? 0 : NaN),
};
