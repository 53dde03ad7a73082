// What outlives a view of a model: whether its kernel still listens, and the place that the next view of the like takes
// up; and what keeps a notebook from taking a view's keys.

/** @type {WeakMap<object, {id: string, restarted: boolean}>} the kernel that sent something, and whether it has been restarted since */
const senders = new WeakMap();

/** Whether anybody listens. JupyterLab's widget manager knows its kernel; others do not say, and take the message. @param {Model} model @param {object} sent what came from the kernel */
function hasKernel(model, sent) {
  const manager = model.widget_manager;
  if (!manager || !("kernel" in manager)) return true;
  const kernel = manager.kernel;
  if (!kernel || kernel.isDisposed || kernel.status === "dead") return false;
  const sender = senders.get(sent) || { id: kernel.id, restarted: false }; // a restarted kernel keeps its id
  if (!senders.has(sent)) {
    kernel.statusChanged?.connect((_, status) => {
      if (status.endsWith("restarting")) sender.restarted = true;
    });
    senders.set(sent, sender);
  }
  return sender.id === kernel.id && !sender.restarted; // a kernel that took its place knows nothing of this model
}

// A cell that is run again gets a new widget; for some seconds the old one's place waits for it, in a list, because all
// cells may be run again at once.
const LEFT = "__backprop_lab_left__";
const WAITS = 20000;
const left = /** @type {Record<string, any>} */ (/** @type {unknown} */ (window));

/** What was left for something that is like this. @param {string} likeness */
function takeUp(likeness) {
  /** @type {any[]} */
  const waiting = (left[LEFT] || []).filter((/** @type {{when: number}} */ { when }) => performance.now() - when < WAITS);
  const at = waiting.findIndex((one) => one.likeness === likeness);
  left[LEFT] = waiting.filter((_, k) => k !== at);
  return waiting[at] ?? null;
}

/** Leave a place to whoever comes next. @param {string} likeness @param {Record<string, any>} place */
function leave(likeness, place) {
  (left[LEFT] ||= []).push({ ...place, likeness, when: performance.now() });
}

/** Notebook 7 takes a key for its own shortcut before a view hears of it, unless the focused element says not to. @param {HTMLElement} root */
function keepingKeys(root) {
  return (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.composedPath()[0]); // window is told of the host of a shadow tree
    if (!root.contains(target)) return;
    const others = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    target.toggleAttribute("data-lm-suppress-shortcuts", !others);
  };
}
