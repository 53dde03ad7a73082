/* What plays a tape: the values of all nodes, and the adjoints (docs/tape.md says what is in the columns).

   tests/support/wasm.py writes operations.h from the table of operations (table/c.py) and makes machine.wasm of both.
   Values and slopes of the operations are the table's texts; by hand stand only the functions that these call. The
   library's own are musl's, which keep within two units in the last place. */

#include <math.h>
#include "operations.h"

typedef struct {
  const int *code, *left, *right; /* a row for each node; of an operand, what is below 0 is a constant: v[-1], v[-2], ... */
  const int *guards;              /* five numbers for each comparison: after which node, sign, two operands, outcome */
  double *v, *g;                  /* values and adjoints; before the first, room for as many numbers as there are constants */
  int nodes, inputs, compared, out;
} Tape;

enum { FINE, ODD, ELSEWHERE }; /* how a run ends: well, outside a domain or not finite, at another branch */

/* ---- functions that the table's texts call ---- */

#define ONE(ours, theirs) static double maths_##ours(double x) { return theirs(x); }
#define TWO(ours, theirs) static double maths_##ours(double a, double b) { return theirs(a, b); }
ONE(sqrt, sqrt) ONE(cbrt, cbrt) ONE(exp, exp) ONE(exp2, exp2) ONE(expm1, expm1) ONE(abs, fabs)
ONE(log, log) ONE(log2, log2) ONE(log10, log10) ONE(log1p, log1p)
ONE(sin, sin) ONE(cos, cos) ONE(tan, tan) ONE(arcsin, asin) ONE(arccos, acos) ONE(arctan, atan) TWO(arctan2, atan2)
ONE(sinh, sinh) ONE(cosh, cosh) ONE(tanh, tanh) ONE(arcsinh, asinh) ONE(arccosh, acosh) ONE(arctanh, atanh)
TWO(hypot, hypot)

static double power(double x, double n) { return n == 2.0 ? x * x : n == 1.0 ? x : pow(x, n); }

static int maths_no_power(double x, double n) {
  return (x == 0.0 && n < 0.0) || (x < 0.0 && isfinite(x) && isfinite(n) && floor(n) != n);
}

static double maths_sigmoid(double x) {
  if (x >= 0.0) return 1.0 / (1.0 + exp(-x));
  double e = exp(x);
  return e / (1.0 + e);
}

static double maths_softplus(double x) { return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x))); }
static double maths_maximum(double a, double b) { return a > b || a != a ? a : b; }
static double maths_minimum(double a, double b) { return a < b || a != a ? a : b; }

static double maths_sech2(double t, double x) { /* far out, where 1 - t * t has lost its digits */
  double e = exp(-2.0 * fabs(x));
  return 4.0 * e / ((1.0 + e) * (1.0 + e));
}

static double maths_bell(double t, double x) { return t * maths_sigmoid(-x); }
static double maths_side(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }
static double maths_sign(double x) { return maths_side(x); }
static double maths_share(double a, double b) { return a > b ? 1.0 : a == b ? 0.5 : a < b ? 0.0 : NAN; }
static double maths_wins(double a, double b) { return maths_share(a, b); }
static double maths_pseudo_reciprocal(double x) { return x == 0.0 ? 0.0 : 1.0 / x; }
static double maths_no_slope(double x) { return x > 0.0 || x < 0.0 ? 0.0 : NAN; }

/* ---- the passes ---- */

/* The values of the nodes from `k` on, up to `end`; the node that is outside its domain, or -1. */
static int forward(const Tape *t, int k, int end) {
  const int *code = t->code, *left = t->left, *right = t->right;
  double *v = t->v;
  for (; k < end; k++) {
    double a = v[left[k]], b = v[right[k]], y;
    switch (code[k]) {
      VALUES
      default: y = a; /* a constant that is a node */
    }
    v[k] = y;
  }
  return -1;
}

static int holds(const double *v, const int *guard) {
  double a = v[guard[2]], b = v[guard[3]];
  int found = 0;
  switch (guard[1]) {
    case 0: found = a < b; break;
    case 1: found = a <= b; break;
    case 2: found = a > b; break;
    case 3: found = a >= b; break;
    case 4: found = a == b; break;
    case 5: found = a != b; break;
  }
  return found == guard[4];
}

/* All values; comparisons are asked as soon as their operands are there, as in the student's function. */
__attribute__((export_name("value"))) int value(const Tape *t) {
  int k = t->inputs;
  for (const int *guard = t->guards, *last = guard + 5 * t->compared; guard < last; guard += 5) {
    int end = guard[0] + 1;
    if (end > k) {
      if (forward(t, k, end) >= 0) return ODD;
      k = end;
    }
    if (!holds(t->v, guard)) return ELSEWHERE;
  }
  if (forward(t, k, t->nodes) >= 0) return ODD;
  return isfinite(t->v[t->out]) ? FINE : ODD;
}

/* All values, and all adjoints of the output. */
__attribute__((export_name("both"))) int both(const Tape *t) {
  int ended = value(t);
  if (ended != FINE) return ended;
  const int *code = t->code, *left = t->left, *right = t->right;
  double *v = t->v, *g = t->g;
  for (int k = 0; k < t->nodes; k++) g[k] = 0.0;
  g[t->out] = 1.0;
  for (int k = t->out; k >= t->inputs; k--) {
    double bar = g[k];
    int i = left[k], j = right[k];
    switch (code[k]) {
      SENT
    }
  }
  for (int k = 0; k < t->inputs; k++)
    if (!isfinite(g[k])) return ODD;
  return FINE;
}

/* Mark by 1 in `g` what leads to the output. */
__attribute__((export_name("needed"))) void needed(const Tape *t) {
  static const char takes[] = TAKES;
  double *g = t->g;
  for (int k = 0; k < t->nodes; k++) g[k] = 0.0;
  g[t->out] = 1.0;
  for (int k = t->out; k >= t->inputs; k--) {
    if (g[k] == 0.0) continue;
    if (takes[t->code[k]] > 0) g[t->left[k]] = 1.0;
    if (takes[t->code[k]] > 1) g[t->right[k]] = 1.0;
  }
}

/* The names of the operations in the order of their numbers, with commas between them; the last number is a constant's. */
__attribute__((export_name("names"))) const char *names(void) { return NAMES; }
