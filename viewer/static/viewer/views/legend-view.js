// What the colours and signs on screen mean.
import Backbone from "../backbone.js";
import { element } from "../dom.js";
import { legendOf } from "../legend.js";
import { isSelection } from "../selection-style.js";
import { drawMarks } from "./mark.js";

export const LegendView = Backbone.View.extend({
  /** @param {object} options `model` is the PanelState; `document`; `mapView` */
  initialize({ document, mapView }) {
    Object.assign(this, { document, mapView });
    this.listenTo(mapView, "settled", this.render);
    this.listenTo(this.model, "change", this.render);
  },

  /** Looking at everything on screen takes a moment: only while somebody looks at the legend. */
  render() {
    const { tab, open } = this.model.attributes;
    if (tab !== "legend" || !open) return this;
    const layers = this.document.get("document")?.layers ?? [];
    const features = this.mapView.rendered().filter(({ layer }) => !isSelection(layer));
    const groups = legendOf(layers, features);
    this.el.replaceChildren(
      ...groups.map((group) => this.group(group)),
      element(
        "p",
        { class: "note" },
        groups.length ? "What this view of the map shows." : "Nothing to explain in this view.",
      ),
    );
    return this;
  },

  group({ title, entries }) {
    return element(
      "section",
      { class: "legend-group" },
      element("h3", {}, title),
      element(
        "ul",
        {},
        entries.map((entry) => this.entry(entry)),
      ),
    );
  },

  entry({ title, marks }) {
    const picture = drawMarks(marks, (name) => this.mapView.map.getImage(name));
    return element("li", {}, element("span", { class: "mark-box" }, picture), title);
  },
});
