// Settings: those that the page keeps itself, and boxes for those that a kernel can be asked for, which stand in asking.js.

/** Those that the page keeps itself, to be ticked. @type {OwnSetting[]} */
const OWN_SETTINGS = [
  {
    label: "motion",
    title: "Whether the number of a step travels along its edge",
    now: (mind) => mind.motion,
    choose: (mind, on) => {
      mind.motion = on;
      rememberMotion(on);
    },
  },
];
/** The panel. `ask(request)` sends what is wanted; without a kernel there is none. */
class Settings {
  /** @param {Player} player @param {((request: Record<string, any>) => void) | null} ask */
  constructor(player, ask) {
    this.element = make("div", "bl-settings");
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "settings");
    this.words = make("div", "bl-trouble");
    this.words.setAttribute("role", "alert");
    this.boxes = ask ? new AskingBoxes(this, player, ask) : null;
    for (const { label, title, now, choose } of OWN_SETTINGS) this.element.append(ticker(label, title, now(player.mind), (on) => choose(player.mind, on)));
    if (player.film.fold || ask) this.element.append(savers(player, ask, this.say));
    if (ask) this.element.append(this.words); // its place is kept, so that nothing moves
  }

  /** The inputs have other numbers. @param {Record<string, number>} given */
  renew(given) {
    this.boxes?.renew(given);
  }

  say = (/** @type {string} */ text) => {
    this.words.textContent = text;
  };

  /** Why a request cannot be met. @param {string} text */
  trouble(text) {
    this.say(text);
    this.boxes?.back();
  }
}
