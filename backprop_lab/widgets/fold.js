// Large graphs fold. What is seen while some parts are open follows from the film's tree of parts; drawing/fold.py works
// out the same for the pictures. A picture with other parts open comes from the kernel, or came along with the page.

/** The film's tree; a small graph is one part that is always open. */
function tree(film) {
  if (!film.fold) return { parts: [{ label: "", kind: "call", parent: -1, size: film.rows.length, result: -1 }], of: () => 0, open: [0] };
  const parts = film.fold.parts.map(([label, kind, parent, size, result]) => ({ label, kind, parent, size, result }));
  return { parts, of: (id) => film.fold.of[id], open: film.fold.open };
}

/**
 * Where each node and each edge of a film is seen: `n3` is a node, `g5` a folded part, `e5_0` an edge, `mg5_n3` a line
 * that stands for several edges.
 * @param {any} film
 */
function folding(film) {
  const { parts, of, open: first } = tree(film);
  const ids = film.rows.filter((row) => !row.hidden).map((row) => row.node); // hidden constants are seen nowhere
  let open = new Set();
  let homes = []; // for each node, where it is seen
  let order = []; // what is seen, in the order of the nodes
  let lines = new Map(); // for each edge, the line that is drawn; none for edges inside a folded part

  const set = (wanted) => {
    open = new Set([0, ...wanted]);
    const hidden = []; // for each part, the folded part that hides it, or -1
    parts.forEach(({ parent }, k) => {
      const around = parent < 0 ? -1 : hidden[parent];
      hidden.push(around >= 0 ? around : open.has(k) ? -1 : k);
    });
    homes = [];
    for (const id of ids) homes[id] = hidden[of(id)] < 0 ? `n${id}` : `g${hidden[of(id)]}`;
    order = [...new Set(ids.map((id) => homes[id]))];
    const uses = new Map();
    for (const { id, from, to } of film.edges) {
      const ends = `${homes[from]}_${homes[to]}`;
      if (homes[from] !== homes[to]) uses.set(ends, [...(uses.get(ends) || []), id]);
    }
    lines = new Map();
    for (const [ends, found] of uses) {
      const alone = ends.split("_")[1][0] === "n" && (ends[0] === "n" || found.length === 1);
      for (const id of found) lines.set(id, alone ? id : `m${ends}`);
    }
  };
  set(first);

  const number = (key) => Number(key.slice(1));
  /** Where a node or an edge is seen, by its key; null if nowhere. */
  const seen = (key) => (key[0] === "n" ? homes[number(key)] ?? key : key[0] === "e" ? lines.get(key) ?? null : key);
  const path = (part) => {
    const found = [];
    for (let k = part; k > 0; k = parts[k].parent) found.push(k);
    return [0, ...found].sort((a, b) => a - b);
  };
  const under = (part, k) => k === part || (k > 0 && under(part, parts[k].parent));
  return {
    folded: Boolean(film.fold),
    parts,
    set,
    seen,
    path,
    open: () => open,
    order: () => order,
    lines: () => lines,
    label: (key) => (key[0] === "g" ? parts[number(key)].label : film.names[number(key)]),
    /** The node whose numbers are shown there. */
    result: (key) => (key[0] === "g" ? parts[number(key)].result : number(key)),
    inside: (key) => (key[0] === "g" ? ids.filter((id) => homes[id] === key) : [number(key)]),
    /** The innermost open part around something that is seen; 0 is the whole graph. */
    around: (key) => (key[0] === "g" ? parts[number(key)].parent : of(number(key))),
    /** Whether the number of a text key has a place in the picture. */
    shows: (key) => homes[number(key)] === `n${number(key)}` || (homes[number(key)] && parts[number(homes[number(key)])].result === number(key)),
    /** The open parts once one of them is opened or closed. */
    wanted: (part, on) => (on ? [...new Set([...open, ...path(part)])] : [...open].filter((k) => !under(part, k))).sort((a, b) => a - b),
    /** The first thing that is seen in an open part. */
    first: (part) => order.find((key) => path(key[0] === "g" ? parts[number(key)].parent : of(number(key))).includes(part)),
    /** What to say when a part has been opened or closed. */
    account: (part, on) => {
      const inside = on ? order.filter((key) => path(key[0] === "g" ? number(key) : of(number(key))).includes(part)) : [];
      const boxes = inside.filter((key) => key[0] === "g").length;
      const seen = [boxes && several(boxes, "folded part"), inside.length - boxes && several(inside.length - boxes, "node")].filter(Boolean);
      return on ? `${parts[part].label} is open: ${seen.join(" and ")}. The sign in the corner of its frame folds it.` : `${parts[part].label} is folded.`;
    },
    /** Where a step's doing is seen: a contribution is its sender's. */
    doer: (frame) => homes[frame.by ?? frame.id],
    /** The positions at which something that is seen has had its turn. */
    rests: (frames) => {
      const turn = frames.map((f, k) => (k ? `${homes[f.by ?? f.id]} ${f.phase} ${f.kind === "seed"}` : ""));
      return turn.map((_, k) => k).filter((k) => k && turn[k] !== turn[k + 1]);
    },
  };
}

/** How far the steps inside each folded part are: `done(to)` gives [text key, text] pairs. @param {any} film */
function insides(film, view) {
  const turns = new Map(); // box and phase → the positions of its steps
  film.frames.forEach((frame, k) => {
    const key = k ? view.doer(frame) : "";
    if (!key || key[0] !== "g") return;
    const place = `${key} ${frame.phase}`;
    if (!turns.has(place)) turns.set(place, []);
    turns.get(place).push(k);
  });
  const boxes = view.order().filter((key) => key[0] === "g");
  return (to) => boxes.map((key) => {
    const steps = turns.get(`${key} ${film.frames[to].phase}`) || [];
    let [low, high] = [0, steps.length]; // how many of them are done
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle] <= to) low = middle + 1;
      else high = middle;
    }
    return [`d${key.slice(1)}`, low ? `${low} of ${steps.length} steps` : ""];
  });
}

/**
 * Opens and closes parts. `ask(open)` asks the kernel and returns why it cannot, if so; without one, the pictures that
 * came along are used. `swap(scene)` shows a picture, `say(text)` says what cannot be.
 */
function unfolder(film, view, ask, swap, say) {
  const key = (open) => open.join(",");
  const scenes = film.scenes || {};
  return (part, on) => {
    const label = view.parts[part].label;
    const wanted = view.wanted(part, on);
    if (ask) {
      say(`${on ? "Opening" : "Closing"} ${label} …`);
      const reason = ask(wanted);
      if (reason) say(reason);
      return;
    }
    const path = on ? view.path(part) : view.path(view.parts[part].parent);
    const open = [wanted, path].find((some) => scenes[key(some)]);
    if (open) swap({ open, svgs: scenes[key(open)] });
    else say(`This page has no picture with ${label} ${on ? "open" : "closed"}. In a notebook every part opens: run the cell that made this page, or trace that part alone.`);
  };
}
