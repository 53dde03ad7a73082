// What the kernel sends says of a step which it is; what it lights, and which numbers it takes up, follows from the
// graph. Film.lit, .uses and .phase in film/film.py say the same, and a test compares them.

/** @type {Record<string, string>} */
const STEPS = { v: "value", s: "seed", t: "tangent", c: "contribution", "+": "sum" };

/** The part of the run that a step belongs to. @param {string} mode @param {string} kind */
function phaseOf(mode, kind) {
  if (kind === "seed") return kind;
  if (kind === "tangent" || mode === "forward") return "tangents";
  return kind === "value" ? "values" : "adjoints";
}

/** All frames of one run, in full. @param {SentFilm} film @param {SentPane} pane @param {SentStep[]} frames @returns {Frame[]} */
function played({ rows, names, edges, mystery }, { mode }, frames) {
  const byId = new Map(edges.map((edge) => [edge.id, edge]));
  /** @type {Map<number, Edge[]>} the edges that lead to a node */
  const into = new Map();
  for (const edge of edges) into.set(edge.to, [...(into.get(edge.to) || []), edge]);
  const fill = (/** @type {string} */ text) => text; // live.js has another one where numbers change
  return frames.map(({ does, ...told }) => {
    if (!does) return { phase: "start", formula: "", lit: {}, fill, ...told };
    const kind = STEPS[does[0]];
    const edge = byId.get(`e${does.slice(1)}`);
    const id = edge ? edge.from : Number(does.slice(1));
    const used = kind === "value" || kind === "tangent" ? into.get(id) || [] : [];
    const phase = phaseOf(mode, kind);
    const gives = (kind === "value" ? "p" : "a") + id;
    const reads = kind === "contribution" && edge ? [edge.to] : used.map(({ from }) => from);
    /** @type {Lit} */
    const lit = {};
    for (const read of reads) lit[`n${read}`] = ["bl-read"];
    lit[`n${id}`] = ["bl-write"];
    for (const one of edge ? [edge] : used) lit[one.id] = ["bl-lit"];
    if (mode === "reverse" && phase !== "values") lit.svg = ["bl-reverse"];
    let uses = used.map(({ from }) => `p${from}`);
    if (kind === "tangent") uses = used.filter(({ from }) => rows[from].is !== "constant").flatMap((one) => [`w${one.id.slice(1)}`, `a${one.from}`]);
    else if (kind === "sum") uses = [gives];
    else if (edge) uses = [`a${edge.to}`, `w${edge.id.slice(1)}`];
    if (mystery && edge) uses = kind === "sum" ? [] : uses.slice(0, 1); // it keeps its partials
    return { formula: "", node: names[id], ...told, does, fill, kind, id, ...(edge ? { by: edge.to } : {}), phase, lit, uses: [...new Set(uses)], gives };
  });
}

/** A film as the player plays it, of what was sent. @param {SentFilm} film @returns {Film} */
function filmOf(film) {
  if (film.large) return film.panes ? largeRace(film, film.large) : largeFilm(film, film.large);
  const { panes: sent, frames, ...rest } = film;
  const shared = { ...rest, edges: film.edges.map((edge) => ({ ...edge })) }; // their numbers may change
  const steps = /** @type {SentStep[]} */ (frames);
  if (!sent) return { ...shared, frames: played(film, /** @type {SentPane} */ (film), steps) };
  const done = { formula: "", say: "done", lit: {}, fill: (/** @type {string} */ text) => text };
  const panes = sent.map((pane, k) => {
    const own = steps.slice(0, pane.costs.length).map((step, at) => frames[at].both?.[k] || step);
    return { ...shared, changes: [], ...pane, frames: played(film, pane, own) };
  });
  const told = frames.map(({ both }, at) => {
    const [left, right] = panes.map((pane) => pane.frames[at]);
    return both ? { ...(right ?? left), phase: "sweeps", both: /** @type {[Told, Told]} */ ([left ?? done, right ?? done]) } : right;
  });
  return { ...shared, panes, frames: told };
}
