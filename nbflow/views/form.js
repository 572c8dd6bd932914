// The button of a form. It sends what all fields are set to: changes of a field are messages of
// their own, which a busy kernel may get only after the click.

async function valueOf(manager, id) {
  const model = await manager.get_model(id);
  const index = model.get("index"); // of a drop-down, whose values the page does not have
  const value = index === undefined ? model.get("value") : index;
  return value instanceof Date ? value.toISOString().slice(0, 10) : value;
}

export default {
  render({ model, el }) {
    const button = document.createElement("button");
    button.className = "jupyter-widgets jupyter-button widget-button mod-primary";
    button.textContent = "Run";
    const show = () => (button.disabled = model.get("disabled"));
    model.on("change:disabled", show);
    show();
    button.addEventListener("click", async () => {
      const fields = Object.entries(model.get("fields"));
      const values = await Promise.all(
        fields.map(async ([name, id]) => [name, await valueOf(model.widget_manager, id)]),
      );
      model.send({ values: Object.fromEntries(values) });
    });
    el.append(button);
    return () => model.off("change:disabled", show);
  },
};
