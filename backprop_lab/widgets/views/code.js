// The view `code`: the student's own lines, with the one whose step this is.

class Code {
  /** @param {Player} player */
  constructor(player) {
    const { code } = player.film;
    this.lights = new Lights();
    /** @type {HTMLElement[][]} */
    this.lines = [];
    if (!code.length) return;
    this.element = scroller("bl-code", "source code");
    const longest = Math.max(...code.flatMap((block) => block.lines.map((line) => line.length)));
    this.element.style.setProperty("--bl-columns", String(longest + 5)); // as large as all of a line fits, down to a floor; then it wraps
    for (const block of code) {
      const pre = make("pre", "bl-block");
      const lines = block.lines.map((text, k) => {
        const line = make("span", "bl-line");
        line.append(make("span", "bl-lineno", String(block.first + k)), make("span", "bl-linetext", text || " "));
        return line;
      });
      pre.append(...lines);
      this.element.append(pre);
      this.lines.push(lines);
    }
  }

  /** @param {Frame} frame */
  line({ line }) {
    if (line) this.lights.on(this.lines[line[0]]?.[line[1]], "bl-current");
  }

  dark() {
    this.lights.off();
  }

  follow() {
    if (this.element) keepInView(this.element, this.lights.with("bl-current")[0]);
  }
}

VIEWS.push({
  name: "code",
  label: "code",
  place: -1,
  offered: (film) => film.code.length > 0,
  make: (player) => new Code(player),
});
