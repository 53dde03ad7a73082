// The plain page around one player: the editor, what goes to Python in the worker, and what comes back.

{
  /** @type {{site: any, examples: {name: string, source: string, inputs: string, mode: string}[], state: any}} */
  const FIRST = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("first")).textContent ?? "");

  /** @param {string} id @returns {any} */
  const here = (id) => document.getElementById(id);
  const [form, source, numbers, inputs, mode, predict] = ["form", "source", "numbers", "inputs", "mode", "predict"].map(here);
  const [run, stop, said, doing, printed, place, examples] = ["run", "stop", "said", "doing", "printed", "player", "examples"].map(here);

  // ---- the model: what a kernel is in a notebook

  /** What the player sets goes to Python, what Python changes is heard. */
  class Alone {
    /** @param {string} id @param {Record<string, any>} state */
    constructor(id, state) {
      this.id = id;
      this.state = state;
      /** @type {Record<string, any>} */
      this.changed = {};
      /** @type {Map<string, Set<() => void>>} */
      this.heard = new Map();
    }

    /** @param {string} key */
    get(key) {
      return this.state[key];
    }

    /** @param {string} key @param {any} value */
    set(key, value) {
      this.state[key] = value;
      this.changed[key] = value;
    }

    save_changes() {
      if (this.id) python.post({ kind: "take", id: this.id, given: this.changed });
      this.changed = {};
    }

    /** @param {string} event @param {() => void} call */
    on(event, call) {
      if (!this.heard.has(event)) this.heard.set(event, new Set());
      this.heard.get(event)?.add(call);
    }

    /** @param {string} event @param {() => void} call */
    off(event, call) {
      this.heard.get(event)?.delete(call);
    }

    /** From Python: first all of it, then who wants to know. @param {Record<string, any>} changes */
    take(changes) {
      Object.assign(this.state, changes);
      for (const key of Object.keys(changes)) for (const call of this.heard.get(`change:${key}`) ?? []) call();
    }
  }

  let model = new Alone("", FIRST.state);
  let end = show({ model: /** @type {any} */ (model), el: place });

  /** @param {Alone} next */
  function shows(next) {
    end();
    model = next;
    end = show({ model: /** @type {any} */ (model), el: place });
  }

  // ---- Python

  /** The worker that runs it. It can be ended at any time; another one starts. */
  class Python {
    /** @type {Worker | null} */
    worker = null;
    number = 0; // of the run that is wanted
    ready = false;
    waits = false; // for the answer of a run

    start() {
      this.ready = false;
      this.worker = new Worker(FIRST.site.worker);
      this.worker.onmessage = ({ data }) => this.heard[data.kind](data);
      this.worker.onerror = (event) => this.broken(event.message || "its worker did not start");
      this.post({ kind: "begin", site: FIRST.site });
    }

    /** @param {any} message */
    post(message) {
      this.worker?.postMessage(message);
    }

    run() {
      this.number += 1;
      this.waits = true;
      said.textContent = "";
      mark(0);
      this.tell(this.ready ? "Running" : doing.dataset.doing);
      this.post({ kind: "run", number: this.number, source: source.value, inputs: inputs.value, mode: mode.value, predict: predict.checked });
      stop.hidden = false;
    }

    /** A loop without an end, say: Python starts anew. */
    stop() {
      this.worker?.terminate();
      this.waits = false;
      stop.hidden = true;
      run.focus();
      said.textContent = "Stopped.";
      shows(new Alone("", model.state)); // which plays on, without a Python behind it
      this.start();
    }

    /** @param {string | undefined} what */
    tell(what) {
      doing.dataset.doing = what ?? "";
      const wait = this.waits && !this.ready ? "; your function runs as soon as it is there" : "";
      doing.textContent = what ? `${what} …${wait}` : "";
    }

    /** What it sends, by kind. @type {Record<string, (message: any) => void>} */
    heard = {
      doing: ({ doing: what }) => this.tell(what),
      ready: () => {
        this.ready = true;
        document.documentElement.dataset.ready = "true";
        this.tell(this.waits ? "Running" : "");
      },
      broken: ({ error }) => this.broken(error),
      shown: (message) => this.shown(message),
      changes: ({ id, changes }) => {
        if (id === model.id) model.take(changes);
      },
    };

    /** @param {string} error */
    broken(error) {
      this.waits = false;
      stop.hidden = true;
      this.tell("");
      said.textContent = `Python could not start in this browser (${error}). Reload the page; if that does not help, the site's files are not all there, or it was opened as a file and not from a web server.`;
    }

    /** The answer of a run. @param {any} message */
    shown({ number, id, state, error, line, printed: text, warnings }) {
      if (number !== this.number) return; // another run was asked for meanwhile
      this.waits = false;
      stop.hidden = true;
      this.tell("");
      printed.textContent = text;
      printed.hidden = !text;
      said.textContent = error || warnings.join(" ");
      said.classList.toggle("warning", !error);
      mark(error ? line : 0);
      document.documentElement.dataset.run = String(number);
      if (!error) shows(new Alone(id, state));
    }
  }

  const python = new Python();
  python.start();

  // ---- the editor

  let marked = 0;

  /** The line that an error is about. @param {number} line */
  function mark(line) {
    marked = line;
    count();
  }

  /** The lines' numbers, and as many lines as are written. */
  function count() {
    const lines = source.value.split("\n").length;
    source.rows = Math.max(6, Math.min(lines + 1, 24));
    numbers.replaceChildren(
      ...Array.from({ length: lines }, (_, k) => {
        const number = document.createElement("span");
        number.textContent = `${k + 1}\n`;
        number.classList.toggle("wrong", k + 1 === marked);
        return number;
      }),
    );
    numbers.scrollTop = source.scrollTop;
  }

  /** Write as a person does, so that undo takes it back. @param {string} text */
  function type(text) {
    // deprecated, and still what keeps a textarea's undo in all browsers
    if (!document.execCommand("insertText", false, text)) source.setRangeText(text, source.selectionStart, source.selectionEnd, "end");
    count();
  }

  let leaves = false; // Escape was pressed: the next Tab goes on to the next field
  source.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (key === "Escape") leaves = true;
    else if (key === "Tab" && !shiftKey && !leaves && !ctrlKey && !altKey) {
      event.preventDefault();
      type("    ");
    } else if (key === "Enter" && !ctrlKey && !metaKey && !shiftKey) {
      event.preventDefault();
      const line = source.value.slice(0, source.selectionStart).split("\n").pop() ?? "";
      const indent = (/^\s*/.exec(line) ?? [""])[0];
      type(`\n${indent}${line.trimEnd().endsWith(":") ? "    " : ""}`);
    }
    if (key !== "Escape" && key !== "Shift") leaves = false;
  });
  source.addEventListener("input", () => {
    examples.value = "";
    mark(0);
  });
  source.addEventListener("scroll", () => (numbers.scrollTop = source.scrollTop));
  form.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    keep();
    python.run();
  });
  stop.addEventListener("click", () => python.stop());

  // ---- where the text comes from: the address, so that a link brings a function and a reload keeps it; else an example.
  // What a link brings is shown and not run: it is somebody else's until the person here has looked at it.

  /** @param {{source: string, inputs: string, mode: string, predict?: string}} text */
  function fill(text) {
    source.value = text.source;
    inputs.value = text.inputs;
    if ([...mode.options].some((/** @type {HTMLOptionElement} */ option) => option.value === text.mode)) mode.value = text.mode;
    predict.checked = Boolean(text.predict);
    mark(0);
  }

  function keep() {
    const text = new URLSearchParams({ source: source.value, inputs: inputs.value, mode: mode.value });
    if (predict.checked) text.set("predict", "yes");
    history.replaceState(null, "", `#${text}`);
  }

  function linked() {
    const text = new URLSearchParams(location.hash.slice(1));
    if (!text.has("source")) return false;
    const [written, given, shown, asks] = ["source", "inputs", "mode", "predict"].map((key) => text.get(key) ?? "");
    fill({ source: written, inputs: given, mode: shown, predict: asks });
    examples.value = "";
    return true;
  }

  for (const { name } of FIRST.examples) examples.add(new Option(name, name));
  examples.addEventListener("change", () => {
    const found = FIRST.examples.find(({ name }) => name === examples.value);
    if (!found) return;
    fill(found);
    keep();
    python.run();
  });
  if (!linked()) {
    fill(FIRST.examples[0]);
    examples.value = FIRST.examples[0].name;
  }
  window.addEventListener("hashchange", linked);
}
