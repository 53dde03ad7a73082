// What a page of the site does by itself: light or dark, as the system has it or as somebody chose; and boxes that
// scroll can be reached by the keyboard. Players and playgrounds come with backprop_lab.js.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const KEY = "backprop_lab_lights";

  /** What was chosen, if the browser keeps anything for this page. @param {string} [now] */
  function chosen(now) {
    try {
      if (now) localStorage.setItem(KEY, now);
      return localStorage.getItem(KEY);
    } catch {
      return now ?? null;
    }
  }

  /** @param {string | null} wanted */
  function paint(wanted) {
    root.dataset.theme = wanted || (system.matches ? "dark" : "light");
    const button = document.getElementById("lights");
    if (button) button.textContent = root.dataset.theme === "dark" ? "light" : "dark";
  }

  paint(chosen());
  system.addEventListener("change", () => paint(chosen()));

  document.addEventListener("DOMContentLoaded", () => {
    paint(chosen());
    document.getElementById("lights")?.addEventListener("click", () => {
      paint(chosen(root.dataset.theme === "dark" ? "light" : "dark"));
    });
    const reach = new ResizeObserver((boxes) => {
      for (const { target } of boxes) {
        if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
        else target.removeAttribute("tabindex");
      }
    });
    for (const box of document.querySelectorAll("pre, .rich")) reach.observe(box);
  });
})();
