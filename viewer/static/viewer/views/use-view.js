// "Use this map": what to copy into another program or page.
import Backbone from "../backbone.js";
import { copy } from "../clipboard.js";
import { element, icon } from "../dom.js";
import { formatPosition } from "../position.js";
import { forQgis, iframeSnippet, mapLibreSnippet } from "../snippets.js";
import { expand, withQuery } from "../urls.js";

export const UseView = Backbone.View.extend({
  events: { "click [data-action=close]": "close", "click [data-copy]": "copy", click: "outside" },

  /** @param {object} options `model` is the MapState; `document`, `status`; `urls`, public ones */
  initialize({ document, status, urls }) {
    Object.assign(this, { document, status, urls });
  },

  open() {
    this.$(".use-items").replaceChildren(...this.items().map((item) => this.item(item)));
    this.el.showModal();
  },

  items() {
    const style = this.document.publicUrl();
    const title = this.document.get("document")?.name ?? this.model.get("style");
    const position = this.model.position() ?? this.document.home();
    return [
      { id: "style", title: "Style", note: "For MapLibre.", text: style },
      {
        id: "qgis",
        title: "Style for QGIS",
        note: "The style URL of a vector tile connection.",
        text: forQgis(style),
      },
      {
        id: "iframe",
        title: "In a web page",
        note: "A map in a frame.",
        text: iframeSnippet(this.frame(position), title),
      },
      {
        id: "maplibre",
        title: "With MapLibre GL JS",
        note: "Needs the npm package maplibre-gl. The map follows the database.",
        text: mapLibreSnippet(style, this.urls.live, position),
      },
      ...this.document.tilesets().flatMap((tileset) => this.tilesetItems(tileset)),
    ];
  },

  tilesetItems(tileset) {
    const { name, title, tilejson, tiles } = tileset.attributes;
    return [
      {
        id: `tilejson-${name}`,
        title: `TileJSON: ${title || name}`,
        note: "What the tiles hold, for programs.",
        text: tilejson,
      },
      {
        id: `xyz-${name}`,
        title: `XYZ tiles: ${title || name}`,
        note: "QGIS: Layer, Add Vector Tile Layer.",
        text: tiles[0],
      },
    ];
  },

  /** The address of the embed page, with what the reader sees now. */
  frame(position) {
    const { style, language, theme } = this.model.attributes;
    const options = { lang: language, theme: theme === "auto" ? "auto" : "" };
    return `${withQuery(expand(this.urls.embed, { style }), options)}#${formatPosition(position)}`;
  },

  item({ id, title, note, text }) {
    const button = element(
      "button",
      { type: "button", "data-copy": id, "aria-label": `Copy: ${title}` },
      icon("copy"),
      element("span", {}, "Copy"),
    );
    return element(
      "section",
      { class: "use-item" },
      element("div", {}, element("h3", {}, title), element("p", { class: "note" }, note)),
      button,
      element("pre", { id: `use-${id}`, tabindex: "0", "aria-label": title }, text),
    );
  },

  async copy(_event, button) {
    const source = document.getElementById(`use-${button.dataset.copy}`);
    const done = await copy(source);
    button.replaceChildren(
      icon(done ? "done" : "copy"),
      element("span", {}, done ? "Copied" : "Press Ctrl+C"),
    );
    button.classList.toggle("done", done);
    this.status.announce(done ? "Copied." : "The text is selected: copy it with Ctrl+C.");
  },

  outside({ target }) {
    if (target === this.el) this.close();
  },

  close() {
    this.el.close();
  },
});
