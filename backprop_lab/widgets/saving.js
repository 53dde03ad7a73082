// Pictures to take away, as they are seen: with the parts that are open, at the step that is shown, in the colours of the
// page. .svg and .png are made here, .pdf and .tex by the kernel, if there is one.

const LOOKS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-family", "font-size", "font-weight", "font-style", "font-variant-numeric", "text-anchor", "text-decoration", "opacity"];
const LEFT_OUT = ".bl-grip, .bl-close, .bl-motion, .bl-rail, .bl-start, .bl-knob"; // what is for the hand
const SAVED_SCALE = 2; // pixels of a .png for each unit

/** A picture that needs no style sheet. @param {SVGSVGElement} svg */
function plainPicture(svg) {
  const made = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [own, copies] = [svg, made].map((root) => [root, ...root.querySelectorAll("*")]);
  const gone = new Set();
  own.forEach((element, k) => {
    const looks = getComputedStyle(element);
    const copy = copies[k];
    if (looks.display === "none" && element.tagName !== "title" || element.matches(LEFT_OUT)) gone.add(copy);
    for (const name of LOOKS) copy.setAttribute(name, looks.getPropertyValue(name));
    for (const { name } of [...copy.attributes]) if (/^(class|style|tabindex|role|data-|aria-)/.test(name)) copy.removeAttribute(name);
  });
  for (const copy of gone) copy.remove();
  return made;
}

/** The player's pictures as one, on its paper. @param {Player} player */
function asSeen({ root, stages }) {
  const sizes = stages.map(({ svg }) => svg.viewBox.baseVal);
  const [width, height] = [Math.max(...sizes.map((size) => size.width)), sizes.reduce((sum, size) => sum + size.height, 0)];
  const whole = draw("svg", "", { width, height, viewBox: `0 0 ${width} ${height}` });
  whole.append(draw("rect", "", { width, height, fill: getComputedStyle(root).backgroundColor }));
  let top = 0;
  stages.forEach(({ svg }, k) => {
    const own = plainPicture(svg);
    for (const [name, x] of Object.entries({ x: 0, y: top, width: sizes[k].width, height: sizes[k].height })) own.setAttribute(name, String(x));
    whole.append(own);
    top += sizes[k].height;
  });
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

/** Hand a file to the browser. @param {string} name @param {Blob} blob */
function download(name, blob) {
  const link = Object.assign(make("a", ""), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** What a file of a player is called. @param {Player} player @param {string} ending */
function fileOf({ film, at }, ending) {
  const [, name = "graph"] = /^Graph of (\w+):/.exec(film.about) || [];
  return `${name}-step-${at}${ending}`;
}

/** The picture in pixels. @param {Player} player */
async function pixels(player) {
  const { text, width, height } = asSeen(player);
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await image.decode();
  const fine = Math.min(SAVED_SCALE, 16000 / Math.max(width, height));
  const canvas = Object.assign(make("canvas", ""), { width: width * fine, height: height * fine });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done));
}

/** Buttons for each kind of file; `ask` sends a request to the kernel. @param {Player} player @param {((request: Record<string, any>) => void) | null} ask @param {(text: string) => void} say */
function savers(player, ask, say) {
  /** @type {Record<string, () => void>} */
  const ways = {
    ".svg": () => download(fileOf(player, ".svg"), new Blob([asSeen(player).text], { type: "image/svg+xml" })),
    ".png": () => pixels(player).then((blob) => (blob ? download(fileOf(player, ".png"), blob) : say("The picture is too large for a .png; .svg has no such limit."))),
  };
  if (ask) for (const ending of [".pdf", ".tex"]) ways[ending] = () => ask({ save: ending, name: fileOf(player, ending) });
  const box = make("div", "bl-choice");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "save the picture");
  box.append(make("span", "", "save the picture as"), ...Object.entries(ways).map(([ending, run]) => pusher(ending, run, `The picture as it is seen, as ${ending}`)));
  return box;
}
