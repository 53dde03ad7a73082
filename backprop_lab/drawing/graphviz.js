// Graphviz's WebAssembly build in a browser: `made(bytes)` compiles it and gives a function from DOT text to an answer.
// It wants almost nothing of an operating system; what it may ask of one is answered here, and there are no files.

const BAD = 8; // WASI's word for a file that is not there

/** @param {Uint8Array} bytes */
function made(bytes) {
  const program = new WebAssembly.Module(bytes); // at once: whoever draws waits for it

  /** What one run wrote to its standard error. */
  class Run {
    said = "";

    constructor() {
      const nothing = () => BAD;
      const names = WebAssembly.Module.imports(program).map(({ name }) => name);
      const system = { ...Object.fromEntries(names.map((name) => [name, nothing])), ...this.system() };
      /** @type {any} */
      this.exports = new WebAssembly.Instance(program, { wasi_snapshot_preview1: system }).exports;
    }

    view() {
      return new DataView(this.exports.memory.buffer); // a new one each time: memory that has grown leaves the old one
    }

    system() {
      return {
        environ_get: () => 0,
        environ_sizes_get: (/** @type {number} */ count, /** @type {number} */ size) => {
          this.view().setUint32(count, 0, true);
          this.view().setUint32(size, 0, true);
          return 0;
        },
        clock_time_get: (/** @type {number} */ _, /** @type {bigint} */ __, /** @type {number} */ at) => {
          this.view().setBigUint64(at, 0n, true); // the same text gives the same layout at any time
          return 0;
        },
        random_get: (/** @type {number} */ at, /** @type {number} */ length) => {
          new Uint8Array(this.exports.memory.buffer, at, length).fill(0);
          return 0;
        },
        fd_write: (/** @type {number} */ file, /** @type {number} */ parts, /** @type {number} */ count, /** @type {number} */ written) => {
          let total = 0;
          for (let k = 0; k < count; k += 1) {
            const [at, length] = [0, 4].map((offset) => this.view().getUint32(parts + 8 * k + offset, true));
            if (file === 2) this.said += this.text(at, length);
            total += length;
          }
          this.view().setUint32(written, total, true);
          return 0;
        },
        proc_exit: (/** @type {number} */ code) => {
          throw new Error(`it ended with code ${code}`);
        },
      };
    }

    /** @param {number} at @param {number} length */
    text(at, length) {
      return new TextDecoder().decode(new Uint8Array(this.exports.memory.buffer, at, length));
    }

    /** The place of a text in its memory. @param {string} text */
    given(text) {
      const content = new TextEncoder().encode(`${text}\0`);
      const at = this.exports.malloc(content.length);
      new Uint8Array(this.exports.memory.buffer, at, content.length).set(content);
      return at;
    }

    /** @param {string} dot */
    placed(dot) {
      const { exports } = this;
      const size = exports.malloc(4);
      const result = exports.graphviz_render(this.given(dot), this.given("json0"), this.given("dot"), size);
      if (result) return { json: this.text(result, this.view().getUint32(size, true)), error: "", hard: false };
      const at = exports.graphviz_last_error();
      const words = this.text(at, 200).split("\0")[0];
      return { json: "", error: words || this.said.trim() || "it gave no reason", hard: false };
    }
  }

  /** One run in fresh memory. @param {string} dot */
  return (dot) => {
    try {
      return new Run().placed(dot);
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      // the stack is full (Chromium, Firefox), or the program stopped itself
      const hard = ["RangeError", "InternalError"].includes(name) || error instanceof WebAssembly.RuntimeError;
      return { json: "", error: message || name, hard };
    }
  };
}
