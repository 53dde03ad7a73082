// Walks through a player's film in the page and measures all boxes of text at every step: none over another, none cut.
// Films are mounted one after the other in one page, as cells of a notebook are. Frames are painted when this asks for
// them, so a step takes no longer than its layout, and the browser draws nothing that nobody sees.
{
  const real = window.requestAnimationFrame.bind(window);
  const waiting = [];
  window.requestAnimationFrame = (run) => waiting.push(run);
  const paint = () => waiting.splice(0).forEach((run) => run(performance.now()));
  const settled = () => new Promise((done) => real(() => { paint(); real(done); }));
  Element.prototype.requestFullscreen = undefined; // the projector fills the page at once, as where a page may not do that

  Object.assign(window, { paint, settled });

  let lab = null;
  let end = () => {};

  /** The player's module, which all films share. */
  window.load = async (code) => {
    lab = (await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })))).default;
  };

  /** Another film in place of the last one. */
  window.mount = (state) => {
    end();
    delete window.__backprop_lab_left__; // the place that it leaves to the next one like it
    const model = { get: (key) => state[key], set: (key, value) => { state[key] = value; }, save_changes() {}, on() {}, off() {} };
    end = lab.render({ model, el: document.getElementById("player") });
  };

  // A line of text is as high as its font says, which is more than its letters are.
  const trimmed = (r) => ({ left: r.left + 0.5, right: r.right - 0.5, top: r.top + 0.2 * r.height, bottom: r.bottom - 0.2 * r.height });
  const less = (x, y) => x < y - 0.01; // Firefox adds widths of mathematics up in single precision
  const over = (a, b) => less(a.left, b.right) && less(b.left, a.right) && less(a.top, b.bottom) && less(b.top, a.bottom);
  const said = ({ of }) => of.data ?? of.textContent;

  /** The boxes of text in the panel: each line of words, each formula. */
  function linesOf(panel) {
    const found = [...panel.getElementsByTagName("math")].map((of) => {
      const { left, right, top, bottom } = of.getBoundingClientRect();
      return { of, left, right, top, bottom };
    });
    const walk = document.createTreeWalker(panel, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
      if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
      return node.matches("math, .bl-hidden") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
    });
    const range = document.createRange();
    while (walk.nextNode()) {
      range.selectNodeContents(walk.currentNode);
      for (const line of range.getClientRects()) found.push({ of: walk.currentNode, ...trimmed(line) });
    }
    return found.filter((box) => box.right > box.left + 1);
  }

  function apart(boxes, note) {
    boxes.sort((a, b) => a.left - b.left);
    boxes.forEach((a, k) => {
      for (let j = k + 1; j < boxes.length && boxes[j].left < a.right; j += 1) if (over(a, boxes[j])) note(`“${said(a)}” over “${said(boxes[j])}”`);
    });
  }

  function panel(say, note) {
    const boxes = linesOf(say);
    apart(boxes, note);
    const frame = say.getBoundingClientRect();
    for (const a of boxes) if (a.left < frame.left || a.right > frame.right + 0.5 || a.top < frame.top - 0.5 || a.bottom > frame.bottom + 0.5) note(`“${said(a)}” is cut`);
    if (say.scrollHeight > say.clientHeight + 1 || say.scrollWidth > say.clientWidth + 1) note(`the panel scrolls: ${say.scrollWidth}×${say.scrollHeight} in ${say.clientWidth}×${say.clientHeight}`);
  }

  /** Where a text of a picture belongs: its node, and the shape or the cell that it must not leave. */
  const homes = new WeakMap();
  function homeOf(of) {
    if (!homes.has(of)) {
      const node = of.closest(".bl-node");
      const key = of.classList.contains("bl-num") && of.dataset.key;
      homes.set(of, { node, room: node?.querySelector(key ? `.bl-cell-${key[0]}` : ".bl-shape"), says: key ? "cell" : "node" });
    }
    return homes.get(of);
  }

  function picture(svg, note) {
    const texts = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim() && !t.closest(".bl-motion")).map((of) => ({ of, ...trimmed(of.getBoundingClientRect()) }));
    const seen = texts.filter((t) => t.right > t.left);
    apart(seen, note); // sorts them by where they begin
    for (const node of svg.querySelectorAll(".bl-node")) {
      const shape = node.querySelector(".bl-shape").getBoundingClientRect();
      for (const t of seen) {
        if (t.left >= shape.right) break;
        if (over(t, shape) && homeOf(t.of).node !== node) note(`“${said(t)}” under a node`);
      }
    }
    for (const t of seen) {
      const { room, says } = homeOf(t.of);
      const box = room?.getBoundingClientRect();
      if (box && (t.left < box.left || t.right > box.right)) note(`“${said(t)}” leaves its ${says}`);
    }
    for (const text of svg.querySelectorAll(".bl-edge:not(.bl-unknown) .bl-num-w")) {
      if (text.getBoundingClientRect().width > text.parentElement.querySelector(".bl-pill").getBoundingClientRect().width) note(`“${text.textContent}” leaves its pill`);
    }
  }

  /** Letters of a picture that are smaller than can be read. */
  function small(svg, least, note) {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const sizes = [...svg.querySelectorAll("text, tspan")].filter((t) => t.textContent.trim() && t.getClientRects().length).map((t) => [scale * parseFloat(getComputedStyle(t).fontSize), t.textContent]);
    const [size, text] = sizes.sort((a, b) => a[0] - b[0])[0];
    if (size < least - 0.1) note(`“${text}” is ${size.toFixed(1)} pixels high`);
  }

  /** What is left of a picture that is not seen: its line and the button that brings it. */
  function aside(root, note) {
    for (const pane of root.querySelectorAll(".bl-pane-away")) apart(linesOf(pane), note);
  }

  /** Texts of the bar and beside two graphs that a box cuts. */
  function cut(root, note) {
    for (const box of root.querySelectorAll(".bl-phases, .bl-costs, .bl-bar")) if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) note(`${box.className} is cut: “${box.textContent}”`);
  }

  /**
   * All steps at every pace, inline and in the projector. A picture, which is only scaled, is measured once; what the
   * panel says at several paces in the same words is measured at the first.
   */
  window.walk = async ([withPicture, only]) => {
    const root = document.querySelector(".bl-player");
    const say = root.querySelector(".bl-say");
    const press = (key) => root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const pace = [...root.querySelectorAll("select")].find((list) => list.getAttribute("aria-label") === "step by");
    const paces = [...pace.options].filter(({ value }) => !only || value === only);
    const last = root.querySelector(".bl-slider").max;
    const svgs = () => [...root.querySelectorAll(".bl-canvas > svg")]; // in a room there are others
    /** Each picture where it is seen; where there is room for one of two, the key brings the other one. */
    const seen = () => svgs().filter((svg) => svg.getClientRects().length);
    const eachSeen = (see) => {
      const first = seen();
      first.forEach(see);
      if (first.length === svgs().length) return;
      press("t");
      seen().forEach(see);
    };
    const main = root.querySelector(".bl-main");
    const trouble = new Set();
    const looked = new Set();
    let steps = 0;
    let [height, sideways] = [0, 0];
    await settled(); // the player has heard how large its page is now
    const isBig = () => root.classList.contains("bl-projector");
    for (const big of isBig() ? [true, false] : [false, true]) { // it stays as it is at the end
      if (isBig() !== big) press("f");
      const heights = new Set();
      const measured = new Set();
      for (const { value } of paces) {
        const look = withPicture && value === paces[0].value && !looked.has(svgs()[0].viewBox.baseVal.width);
        if (look) looked.add(svgs()[0].viewBox.baseVal.width);
        main.style.display = look ? "" : "none"; // else each step would lay it out
        pace.value = value;
        pace.dispatchEvent(new Event("change"));
        press("Home");
        for (let was = null; was !== root.dataset.at && was !== last; press("ArrowRight")) {
          was = root.dataset.at;
          steps += 1;
          const words = say.innerHTML;
          if (!look && measured.has(words)) continue;
          measured.add(words);
          paint();
          heights.add(say.offsetHeight);
          const note = (what) => trouble.add(`${big ? "projector" : "inline"}, by ${value}, step ${was}: ${what.slice(0, 160)}`);
          panel(say, note);
          if (look) eachSeen((svg) => picture(svg, note));
        }
      }
      main.style.display = "";
      const note = (what) => trouble.add(`${big ? "projector" : "inline"}: ${what}`);
      let pictures = 0;
      eachSeen((svg) => { pictures += 1; small(svg, big ? 18 : 12, note); aside(root, note); });
      if (pictures !== svgs().length) note(`${pictures} of ${svgs().length} pictures are seen`);
      if (!big) {
        height = root.getBoundingClientRect().height;
        sideways = Math.max(...[...root.querySelectorAll(".bl-picture")].map((box) => box.scrollWidth - box.clientWidth));
      }
      cut(root, note);
      if (heights.size > 1) note(`the panel has the heights ${[...heights]}`);
    }
    return { steps, height, sideways, trouble: [...trouble] };
  };
}
