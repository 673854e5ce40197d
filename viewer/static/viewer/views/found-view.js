// What lies where the reader asked. Values become text nodes, never HTML.
import { kindOf, nameOf, rowsOf } from "../attributes.js";
import Backbone from "../backbone.js";
import { element } from "../dom.js";
import { fieldTitle, humanise, partsOf } from "../naming.js";

const MOST = 30;

const rowElements = ([name, value]) => [
  element("dt", {}, fieldTitle(name)),
  element("dd", { dir: "auto" }, value),
];

export const FoundView = Backbone.View.extend({
  events: { "click [data-action=close]": "close", "click summary": "look", keydown: "key" },

  /** @param {object} options `model` is the Selection; `state`, `status`; `back` takes the focus */
  initialize({ state, status, back }) {
    Object.assign(this, { state, status, back });
    this.listenTo(this.model, "change:place", this.render);
  },

  render(_model, _place, options = {}) {
    const { features, place } = this.model.attributes;
    this.el.hidden = place === null;
    if (place === null) return this;
    this.status.announce(this.summary(features));
    this.$(".found-list").replaceChildren(...this.entries(features));
    this.$(".found-list").scrollTop = 0;
    if (options.byKeyboard) this.$("h2").focus();
    return this;
  },

  summary({ length }) {
    if (length === 0) return "Nothing here.";
    return length === 1 ? "1 thing at this place." : `${length} things at this place.`;
  },

  entries(features) {
    if (features.length === 0) return [element("p", { class: "note" }, "Nothing here.")];
    const shown = features.slice(0, MOST).map((feature, index) => this.entry(feature, index));
    const more = features.length - shown.length;
    return more ? [...shown, element("p", { class: "note" }, `And ${more} more.`)] : shown;
  },

  entry({ id, properties, layer, sourceLayer }, index) {
    const kind = kindOf(properties) ?? partsOf(layer.id).kind;
    const name = nameOf(properties, this.state.get("language"));
    const rows = rowsOf(properties);
    return element(
      "details",
      { open: index === 0, name: "found", "data-index": index },
      element(
        "summary",
        {},
        element("b", { dir: "auto" }, name ?? humanise(kind || sourceLayer)),
        element(
          "small",
          {},
          `${humanise(sourceLayer ?? "")}${name && kind ? ` · ${humanise(kind)}` : ""}`,
        ),
      ),
      element(
        "dl",
        {},
        rows.map(rowElements),
        id === undefined ? [] : rowElements(["id", String(id)]),
      ),
    );
  },

  /** The entry that is open is the one that is marked on the map. */
  look(_event, summary) {
    this.model.set("active", Number(summary.parentElement.dataset.index));
  },

  key(event) {
    if (event.key === "Escape") this.close();
  },

  close() {
    const focused = this.el.contains(document.activeElement);
    this.model.clear({ closed: true });
    if (focused) this.back();
  },
});
