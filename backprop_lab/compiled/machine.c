/* What plays a tape: the values of all nodes, and the adjoints (docs/tape.md says what is in the columns).

   tests/support/wasm.py writes operations.h from the table of operations (table/c.py) and makes machine.wasm of both.
   Values and slopes of the operations are the table's texts; by hand stand only the functions that these call. The
   library's own are musl's, which keep within two units in the last place. */

#define _GNU_SOURCE
#include <math.h>
#include "operations.h"

typedef struct { double v, g; } Node; /* a value and its adjoint */

typedef struct {
  int code;
  Node *left, *right; /* of an operation that keeps its slope, `right` is where: in the value there */
} Op;

typedef struct {
  const Op *ops;       /* a row for each node */
  const int *guards;   /* five numbers for each comparison: after which node, sign, two operands, outcome */
  Node *nodes;         /* before the first, from right to left, the constants */
  int count, inputs, compared, out;
  const double *given; /* the inputs, side by side */
  double *found;       /* the value, or nan where a run did not end well, and then the gradient */
  int ended;
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

/* A sine and a cosine cost little more than one of them. */
static double maths_sin_and(double x, double *kept) {
  double y;
  sincos(x, &y, kept);
  return y;
}

static double maths_cos_and(double x, double *kept) {
  double y;
  sincos(x, kept, &y);
  return y;
}

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

/* The values of the nodes from one on, up to another; whether all operands were in their domains.

   Operations that often follow each other, the second on the first one's value, stand on the tape as pairs (PAIRS, in the
   rows of both): to go from one to the next takes longer than to compute either, and so does to read what was just
   written. */
static int forward(const Tape *t, int first, int last) {
  const Op *op = t->ops + first, *end = t->ops + last;
  Node *n = t->nodes + first;
  for (; op < end; op++, n++) {
    double a = op->left->v, b = op->right->v, y;
    switch (op->code) {
      VALUES
      PAIRS
      default: y = a; /* a constant that is a node */
    }
    n->v = y;
    n->g = 0.0;
  }
  return 1;
}

static int holds(const Node *n, const int *guard) {
  double a = n[guard[2]].v, b = n[guard[3]].v;
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
static int values(const Tape *t) {
  int k = t->inputs;
  for (int i = 0; i < k; i++) t->nodes[i].v = t->given[i];
  for (const int *guard = t->guards, *last = guard + 5 * t->compared; guard < last; guard += 5) {
    int end = guard[0] + 1;
    if (end > k) {
      if (!forward(t, k, end)) return ODD;
      k = end;
    }
    if (!holds(t->nodes, guard)) return ELSEWHERE;
  }
  if (!forward(t, k, t->count)) return ODD;
  return isfinite(t->nodes[t->out].v) ? FINE : ODD;
}

/* Nothing has arrived at the inputs yet, and 1 at the output; elsewhere `forward` has put the zeros. */
static void seed(const Tape *t) {
  for (Node *n = t->nodes, *end = n + t->inputs; n < end; n++) n->g = 0.0;
  t->nodes[t->out].g = 1.0;
}

/* All adjoints of the output, after the values. */
static int adjoints(const Tape *t) {
  seed(t);
  Node *n = t->nodes + t->out;
  for (const Op *op = t->ops + t->out, *first = t->ops + t->inputs; op >= first; op--, n--) {
    double bar = n->g, to;
    Node *i = op->left, *j = op->right;
    switch (op->code) {
      SENT
      SENT_BY_PAIRS
    }
  }
  int odd = 0;
  for (int k = 0; k < t->inputs; k++) odd |= !isfinite(t->found[k + 1] = t->nodes[k].g);
  return odd ? ODD : FINE;
}

static void run(Tape *t, int back) {
  t->ended = ODD;
  t->found[0] = NAN;
  int ended = values(t);
  if (ended == FINE && back) ended = adjoints(t);
  t->ended = ended;
  if (ended == FINE) t->found[0] = t->nodes[t->out].v;
}

__attribute__((export_name("value"))) void value(Tape *t) { run(t, 0); }
__attribute__((export_name("both"))) void both(Tape *t) { run(t, 1); }

/* After `value`: mark by an adjoint what leads to the output. Whatever has one operand has it, or a constant, as both. */
__attribute__((export_name("needed"))) void needed(const Tape *t) {
  seed(t);
  for (int k = t->out; k >= t->inputs; k--)
    if (t->nodes[k].g != 0.0) t->ops[k].left->g = t->ops[k].right->g = 1.0;
}

/* What the operations are called in the order of their numbers, with commas between them; pairs have two names and the
   second's operand that is the first, 0 or 1. After a semicolon those that keep their slope. */
__attribute__((export_name("names"))) const char *names(void) { return NAMES; }
