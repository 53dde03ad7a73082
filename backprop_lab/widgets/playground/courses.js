// Runs: where the update rules lead from a start. METHODS is written by descent/javascript.py out of the table of methods.

const FAR = 1e12; // beyond so many times what it began with, a run has diverged; descent/ has the same

/** The batches of a run, a list of rows for each step: each epoch's order cut in pieces. @param {SurfaceData} surface @param {number} batch 0 for all @returns {(t: number) => number[][] | undefined} */
function batchesOf({ rows, orders }, batch) {
  if (!batch || batch >= rows.length) return () => undefined;
  const each = Math.ceil(rows.length / batch); // steps of an epoch
  return (t) => {
    const order = orders[Math.floor((t - 1) / each) % orders.length];
    const from = ((t - 1) % each) * batch;
    return order.slice(from, from + batch).map((k) => rows[k]);
  };
}

/** The steps of a run. @param {Terrain} terrain @param {RunData} run @param {number} steps how many at most @returns {Course} */
function courseOf(terrain, run, steps) {
  const method = METHODS[run.method];
  const settings = { ...method.settings, ...run.settings, rate: run.rate };
  const rowsOf = batchesOf(terrain.data, run.batch);
  let at = run.start.map(Number);
  let states = at.map(() => ({ ...method.state }));
  const first = terrain.measure(at);
  const largest = FAR * Math.max(1, ...at.map(Math.abs));
  const highest = FAR * Math.max(1, Math.abs(first.loss));
  /** @type {Step[]} */
  const made = [];
  for (let t = 1; ; t += 1) {
    const rows = rowsOf(t);
    const alone = rows || method.point ? terrain.value(at) : NaN; // the slopes are wanted elsewhere, or of a batch
    const whole = Number.isNaN(alone) ? terrain.measure(at) : { loss: alone, slope: [], trouble: "" };
    const point = method.point ? at.map((w, k) => method.point?.(w, states[k], settings, t) ?? w) : at;
    const { slope, trouble } = rows || method.point ? terrain.measure(point, rows) : whole;
    made.push({ at, loss: whole.loss, slope });
    if (whole.trouble) return { steps: made, ends: "trouble", trouble: whole.trouble };
    if (!(Math.abs(whole.loss) <= highest) || at.some((x) => !(Math.abs(x) <= largest))) return { steps: made, ends: "diverged", trouble: "" };
    if (t > steps) return { steps: made, ends: "steps", trouble: "" };
    if (trouble) return { steps: made, ends: "trouble", trouble };
    if (slope.some((x) => !Number.isFinite(x))) return { steps: made, ends: "diverged", trouble: "" };
    const next = at.map((w, k) => method.step(w, slope[k], states[k], settings, t));
    at = next.map(({ w }) => w);
    states = next;
  }
}

/** Whether a run goes up and up: it ended far away, or higher than it ever was before and much higher than it began. @param {Course} course */
function climbs({ steps, ends }) {
  const last = steps[steps.length - 1].loss;
  return ends === "diverged" || (steps.length > 3 && last > steps[0].loss + 10 * Math.abs(steps[0].loss) && last > 1e3 * Math.abs(Math.min(...steps.map(({ loss }) => loss))));
}

/** How a run ended, in words. @param {Course} course @param {SurfaceData} surface */
function endOf(course, { names }) {
  const { steps, ends, trouble } = course;
  const last = steps.length - 1;
  const { at, loss, slope } = steps[last];
  if (ends === "trouble") return `it stops at step ${last}: ${trouble}`;
  if (ends === "diverged") return `it diverged: at step ${last} the loss is ${wrote(loss, 3)} and ${names[0]} is ${wrote(at[0], 3)}; try a smaller rate`;
  if (climbs(course)) return `it diverges: the loss grew from ${wrote(steps[0].loss, 3)} to ${wrote(loss, 3)}; try a smaller rate`;
  return slope.every((x) => Math.abs(x) < 1e-6) ? "it has come to rest: the slope is 0 to six digits" : "";
}

/** The first step in the region where batches pull both ways: from there on more steps at this rate do not help. @param {Terrain} terrain @param {RunData} run @param {Course} course */
function entersAt(terrain, run, course) {
  if (!terrain.data.rows.length || !run.batch || run.batch >= terrain.data.rows.length) return -1;
  return course.steps.findIndex(({ at }) => terrain.noise(at, run.batch) > 1);
}
