// How a page's player stands there at its first step and at its last, inline and in the projector: how high it is, how
// small its pictures' letters are, and which of its pictures do not show all of themselves.
window.sizes = async () => {
  const root = document.querySelector(".bl-player");
  root.requestFullscreen = undefined; // it fills the page
  const press = (key) => root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const predict = [...root.querySelectorAll(".bl-predicts")].find((box) => box.closest("label").textContent === "predict");
  const found = [];
  for (const big of [false, true]) {
    if (big) press("f");
    for (const key of ["Home", "End"]) {
      if (key === "End" && predict?.checked) predict.click(); // from here on the numbers are shown
      press(key);
      await painted();
      const letters = [...root.querySelectorAll(".bl-picture .bl-svg")].flatMap((svg) => {
        const [box, all] = [svg.getBoundingClientRect(), svg.viewBox.baseVal];
        const scale = Math.min(box.width / all.width, box.height / all.height);
        return [...svg.querySelectorAll("text, tspan")].filter((t) => t.textContent.trim()).map((t) => scale * parseFloat(getComputedStyle(t).fontSize));
      });
      const cut = [...root.querySelectorAll(".bl-picture")].map((box) => [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight]);
      found.push({ big, key, height: root.getBoundingClientRect().height, least: Math.min(...letters), cut });
    }
    if (predict && !predict.checked) predict.click();
  }
  return found;
};
