// For MyST's {anywidget} directive: its data name the element and hold what the element shows.
export default {
  /** @param {{model: Model, el: HTMLElement}} output */
  render({ model, el }) {
    const name = model.get("element");
    const made = Object.assign(document.createElement(name), { className: "bl-live" });
    made.style.display = "block";
    made.dataset.state = model.get("state");
    if (!customElements.get(name)) made.textContent = "This was made by another version of backprop_lab than the module. Write both anew.";
    el.append(made);
    return () => made.remove();
  },
};
