// How a page's player stands there at its first step and at its last, inline and in the projector: how high it is, how
// small its pictures' letters are, and which of its pictures do not show all of themselves. `boxes.js` mounts and paints.
window.sizes = async (keys = ["Home", "End"]) => { // "": as it stands
  const root = document.querySelector(".bl-player");
  const press = (key) => root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const predict = [...root.querySelectorAll(".bl-predicts")].find((box) => box.closest("label").textContent === "predict");
  const found = [];
  for (const big of [false, true]) {
    if (big) press("f");
    await window.settled(); // the player has heard how large its page is now
    for (const key of keys) {
      const shown = key === "End" && predict?.checked;
      if (shown) predict.click(); // from here on the numbers are shown
      if (key) press(key);
      if (shown) await window.settled();
      else window.paint();
      const letters = [...root.querySelectorAll(".bl-picture .bl-svg")].flatMap((svg) => {
        const [box, all] = [svg.getBoundingClientRect(), svg.viewBox.baseVal];
        const scale = Math.min(box.width / all.width, box.height / all.height);
        return [...svg.querySelectorAll("text, tspan")].filter((t) => t.textContent.trim() && t.getClientRects().length).map((t) => scale * parseFloat(getComputedStyle(t).fontSize));
      });
      const cut = [...root.querySelectorAll(".bl-picture")].map((box) => [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight]);
      found.push({ big, key, height: root.getBoundingClientRect().height, least: Math.min(...letters), cut });
    }
    if (predict && !predict.checked) predict.click();
  }
  return found;
};
