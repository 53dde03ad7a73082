// Whether an element stands on a dark page, and when that changes. It looks at what is painted behind the element, so that
// it follows every page's own switch: themes of Sphinx, MyST and Quarto, notebooks, or a page of somebody's own.

/** A colour's red, green, blue and alpha, however the page writes it. @param {string} colour */
const painted = (() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  /** @param {string} colour @returns {number[]} */
  return (colour) => {
    if (!paint) return [0, 0, 0, 0];
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
})();

/** What an element stands in, be it a shadow tree or a frame of the same page. @param {Element} element @returns {Element | null} */
function around(element) {
  const { host } = /** @type {ShadowRoot} */ (element.getRootNode());
  if (element.parentElement || host) return element.parentElement || host;
  try {
    return element.ownerDocument.defaultView?.frameElement ?? null;
  } catch {
    return null; // a frame in another host's page
  }
}

/** Whether what is painted behind an element is dark. @param {Element} element @param {string} hooks what says so where nothing is painted */
function standsInTheDark(element, hooks) {
  for (let at = /** @type {Element | null} */ (element); at; at = around(at)) {
    const [r, g, b, alpha] = painted(getComputedStyle(at).backgroundColor);
    if (alpha > 127) return 0.299 * r + 0.587 * g + 0.114 * b < 110;
    if (at.matches(hooks)) return true;
  }
  const scheme = getComputedStyle(document.documentElement).colorScheme; // of the bare page
  return scheme.includes("dark") && (!scheme.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
}

/**
 * Tell whether an element stands in the dark: now, and whenever the page changes its looks. Returns what ends it.
 * @param {Element} element @param {string} hooks @param {(dark: boolean) => void} tell
 */
function followLights(element, hooks, tell) {
  const over = new AbortController();
  let asked = 0;
  const look = () => tell(standsInTheDark(element, hooks));
  const soon = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(look);
  };
  const changed = new MutationObserver(soon);
  for (const root of [document.documentElement, document.body]) changed.observe(root, { attributes: true });
  document.addEventListener("transitionend", soon, { signal: over.signal });
  // a style sheet may come late, also after a switch; the document hears of each sheet, the window of the page
  for (const place of [document, window]) place.addEventListener("load", soon, { capture: true, signal: over.signal });
  for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", soon, { signal: over.signal });
  look();
  return () => {
    over.abort();
    changed.disconnect();
    cancelAnimationFrame(asked);
  };
}
