// Layers on and off: groups, and the kinds within a group.
import Backbone from "../backbone.js";
import { element, icon } from "../dom.js";
import { keyOf } from "../layer-tree.js";

export const LayersView = Backbone.View.extend({
  events: { "change [data-group]": "toggle", "click [data-action=reset]": "reset" },

  /** @param {object} options `model` is the MapState; `document` the StyleDocument */
  initialize({ document }) {
    this.document = document;
    this.listenTo(document, "change:document", this.render);
    this.listenTo(this.model, "change:hidden", this.showHidden);
  },

  render() {
    const open = new Set([...this.el.querySelectorAll("details[open]")].map((one) => one.id));
    const groups = this.document.groups().map((group) => this.group(group, open));
    const reset = element("button", { type: "button", "data-action": "reset" }, "Show all layers");
    this.el.replaceChildren(element("div", { class: "layers" }, groups), reset);
    return this.showHidden();
  },

  group({ group, title, kinds }, open) {
    const one = this.check(group, null, title);
    if (kinds.length < 2) return element("div", { class: "layer-group" }, one);
    const id = `group-${group}`;
    return element(
      "div",
      { class: "layer-group" },
      one,
      element(
        "details",
        { id, open: open.has(id) },
        element("summary", { "aria-label": `Kinds of ${title}` }, icon("chevron")),
        kinds.map(({ kind, title: name }) => this.check(group, kind, name)),
      ),
    );
  },

  check(group, kind, title) {
    const input = element("input", {
      type: "checkbox",
      "data-group": group,
      "data-kind": kind,
      "data-key": keyOf(group, kind),
    });
    return element("label", { class: "check" }, input, element("span", {}, title));
  },

  showHidden() {
    const hidden = this.model.get("hidden");
    for (const input of this.el.querySelectorAll("[data-key]")) {
      input.checked = !hidden.includes(input.dataset.key);
      const { group, kind } = input.dataset;
      input.disabled = kind !== undefined && hidden.includes(keyOf(group));
    }
    const reset = this.$("[data-action=reset]");
    if (reset) reset.hidden = hidden.length === 0;
    return this;
  },

  toggle(_event, { dataset, checked }) {
    this.model.show(dataset.group, dataset.kind ?? null, checked);
  },

  reset() {
    this.model.set("hidden", []);
    this.$("[data-group]").focus();
  },
});
