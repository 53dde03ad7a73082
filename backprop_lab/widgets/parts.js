// Small parts of the player's page: elements, buttons, boxes that scroll.
// The files of this folder are joined to one module without imports: parts, heat, fold, stage, panels, paths, matrices,
// settings, predict, told, player.

const ICONS = {
  first: "M4 4v12M16 4l-9 6 9 6z",
  previous: "M13 4l-8 6 8 6z",
  next: "M7 4l8 6-8 6z",
  last: "M16 4v12M4 4l9 6-9 6z",
  projector: "M3 4h14v9H3zM10 13v3M6 17h8",
  settings: "M3 6h14M3 10h14M3 14h14M7 4v4M13 8v4M9 12v4",
  help: "M7 7a3 3 0 1 1 3 3.4V12M10 15.6v.2",
};
const FILLED = new Set(["first", "previous", "next", "last"]);

/** Make an element. @param {string} tag @param {string} css @param {string} [text] */
function make(tag, css, text) {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A button with an icon of its own, so that no font needs to have the sign. */
function button(name, label, key) {
  const made = make("button", `bl-button bl-${name}`);
  made.type = "button";
  made.title = key ? `${label} (${key})` : label;
  made.setAttribute("aria-label", label);
  const fill = FILLED.has(name) ? "currentColor" : "none";
  made.innerHTML = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="${ICONS[name]}" fill="${fill}" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/></svg>`;
  return made;
}

/** A button that stays pressed. @param {string} text @param {boolean} pressed @param {(on: boolean) => void} changed */
function toggle(text, pressed, changed) {
  const made = make("button", "bl-toggle", text);
  made.type = "button";
  made.set = (on) => {
    made.setAttribute("aria-pressed", String(on));
    changed(on);
  };
  made.addEventListener("click", () => made.set(made.getAttribute("aria-pressed") !== "true"));
  made.setAttribute("aria-pressed", String(pressed));
  return made;
}

/** A choice from a list with its label. @param {string} label @param {[string, string][]} choices value and text */
function select(label, choices, chosen, changed) {
  const box = make("label", "bl-choice");
  const list = make("select", "bl-select");
  for (const [value, text] of choices) {
    const option = make("option", "", text);
    option.value = value;
    option.selected = value === chosen;
    list.append(option);
  }
  list.addEventListener("change", () => changed(list.value));
  list.setAttribute("aria-label", label); // the label around it would be read with all the choices
  box.append(make("span", "", label), list);
  return { box, list };
}

/** Several of something in words: 1 addition, 2 additions. */
function several(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Scroll a box of its own, never the page, so that a row stays visible. */
function keepInView(box, row) {
  if (!row || box.scrollHeight <= box.clientHeight) return;
  const top = row.offsetTop - box.offsetTop;
  if (top < box.scrollTop + 24) box.scrollTop = top - 24;
  else if (top + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + row.offsetHeight - box.clientHeight;
}

/** The same for a node in a picture wider than its box. */
function keepNodeInView(box, node) {
  if (!node || (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight)) return;
  const frame = box.getBoundingClientRect();
  const place = node.getBoundingClientRect();
  if (place.left < frame.left) box.scrollLeft -= frame.left - place.left + 16;
  else if (place.right > frame.right) box.scrollLeft += place.right - frame.right + 16;
  if (place.top < frame.top) box.scrollTop -= frame.top - place.top + 16;
  else if (place.bottom > frame.bottom) box.scrollTop += place.bottom - frame.bottom + 16;
}

const senders = new WeakMap(); // the kernel that sent each film, and whether it has been restarted since

/** Whether anybody listens. JupyterLab's widget manager knows its kernel; others do not say, and take the message. */
function hasKernel(model) {
  const manager = model.widget_manager;
  if (!manager || !("kernel" in manager)) return true;
  const kernel = manager.kernel;
  if (!kernel || kernel.isDisposed || kernel.status === "dead") return false;
  const film = model.get("film");
  if (!senders.has(film)) {
    const sender = { id: kernel.id, restarted: false }; // a restarted kernel keeps its id
    kernel.statusChanged?.connect((_, status) => {
      if (status.endsWith("restarting")) sender.restarted = true;
    });
    senders.set(film, sender);
  }
  const { id, restarted } = senders.get(film);
  return id === kernel.id && !restarted; // a kernel that took its place knows nothing of this model
}

/** What a film's texts are at a position, whatever of its picture is seen. Returns (position) => (key) => text. */
function textsOf(film) {
  let last = -1;
  let texts = {};
  return (at) => {
    if (at !== last) texts = Object.assign({}, ...film.changes.slice(0, at + 1));
    last = at;
    return (key) => texts[key] || "";
  };
}

/** A number as notation.number writes it: `digits` significant ones, a real minus, no needless zeros. */
function wrote(x, digits) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "−inf";
  if (x === 0) return "0";
  if (Number.isInteger(x) && Math.abs(x) < 10 ** Math.max(digits, 6)) return String(x).replace("-", "−");
  const size = Math.abs(x);
  // Python rounds what lies in the middle to the even digit, JavaScript away from zero; 40 digits show what does.
  const [all] = size.toExponential(40).split("e");
  const kept = all.replace(".", "").slice(0, digits);
  const tie = /^50*$/.test(all.replace(".", "").slice(digits)) && Number(kept.at(-1)) % 2 === 0;
  const [mantissa, power] = (tie ? `${kept[0]}.${kept.slice(1)}e${size.toExponential(40).split("e")[1]}` : size.toExponential(digits - 1)).split("e");
  const plain = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const exponent = Number(power);
  const sign = x < 0 ? "−" : "";
  if (exponent < -4 || exponent >= digits) {
    const short = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${plain(mantissa)}e${exponent < 0 ? "−" : "+"}${short}`;
  }
  return sign + plain(Number(`${mantissa}e${power}`).toFixed(Math.max(digits - 1 - exponent, 0)));
}
