// A player or a playground as an element of any page. Its data stand in an attribute, packed; they are unpacked when the
// element comes near what is seen. Until then, and where no script runs, the picture inside it is shown. What it shows
// stands in a shadow tree: the page's style does not reach it, and its own does not reach the page.

const NEAR = "900px";

/** @param {string} packed JSON, deflated, in base64 */
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** The state as a model without a kernel. @param {Record<string, any>} state @returns {Model} */
const modelOf = (state) => ({
  get: (key) => state[key],
  set(key, value) {
    state[key] = value;
  },
  save_changes() {},
  on() {},
  off() {},
});

/**
 * Make an element of this name live, wherever it stands and whenever it comes.
 * @param {string} name @param {string} css @param {string} hooks @param {(output: {model: Model, el: HTMLElement}) => () => void} show
 */
function makeLive(name, css, hooks, show) {
  if (customElements.get(name)) return; // another output brought it
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);

  customElements.define(name, class extends HTMLElement {
    /** @type {Record<string, any> | null} */
    state = null;
    end = () => {};

    connectedCallback() {
      const watch = new IntersectionObserver((seen) => {
        if (!seen.some((entry) => entry.isIntersecting)) return;
        watch.disconnect();
        this.open();
      }, { rootMargin: NEAR });
      watch.observe(this);
      this.end = () => watch.disconnect();
    }

    disconnectedCallback() {
      this.end();
    }

    async open() {
      this.state ??= await unpacked(this.dataset.state ?? "");
      if (!this.isConnected) return;
      const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      shadow.adoptedStyleSheets = [sheet];
      const ground = make("div", "");
      ground.style.cssText = "all: initial; display: block; visibility: inherit"; // nothing of the page's letters
      const el = make("div", "");
      ground.append(el);
      shadow.replaceChildren(ground);
      const dark = followLights(this, hooks, (on) => ground.classList.toggle("bl-dark", on));
      const shown = show({ model: modelOf(/** @type {Record<string, any>} */ (this.state)), el });
      this.end = () => {
        dark();
        shown();
      };
    }
  });
}
