// Boxes for the numbers of settings. Only a kernel can be asked for other ones there, so pages of their own come without.

/** A box for a number; Enter or leaving it takes the number. */
class NumberBox {
  /** @param {string} name @param {number} value @param {(x: number) => void} taken @param {(trouble: string) => void} say */
  constructor(name, value, taken, say) {
    this.name = name;
    this.last = value;
    this.taken = taken;
    this.say = say;
    this.box = make("label", "bl-choice");
    this.field = make("input", "bl-number");
    Object.assign(this.field, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 40, value: this.text(value) });
    this.field.addEventListener("change", () => this.take());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.take();
      if (event.key === "Escape") focusPlayer(this.field);
      event.stopPropagation(); // the box keeps its keys
    });
    this.box.append(make("span", "bl-number-name", `${name} =`), this.field);
  }

  /** @param {number} x */
  text(x) {
    return Number.isFinite(x) ? String(Number(x.toPrecision(6))) : wrote(x, 6);
  }

  /** @param {number} x */
  set(x) {
    this.field.value = this.text(x);
  }

  take() {
    const { value: typed, trouble } = typedNumber(this.field.value);
    this.field.setAttribute("aria-invalid", String(Boolean(trouble)));
    if (trouble) this.say(`${this.name}: ${trouble}`);
    else if (typed !== this.last && this.field.value !== this.text(this.last)) {
      this.last = typed;
      this.taken(typed);
    }
  }
}
