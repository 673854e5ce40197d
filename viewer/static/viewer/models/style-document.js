// The MapLibre document of the style that is chosen, in the language that is chosen.
import Backbone from "../backbone.js";
import { layerTree, withHidden } from "../layer-tree.js";
import { openingOf } from "../position.js";
import { withSelection } from "../selection-style.js";
import { withQuery } from "../urls.js";

const SQUARE = { width: 512, height: 512 };

export const StyleDocument = Backbone.Model.extend({
  defaults: { document: null, name: null },

  /** @param {object} options `state`, `catalog`, `localise` */
  initialize(_attributes, { state, catalog, localise }) {
    Object.assign(this, { state, catalog, localise });
    this.listenTo(state, "change:style change:language", this.load);
  },

  url() {
    return this.localise(this.publicUrl());
  },

  /** The address that others use for this style, in this language. */
  publicUrl() {
    const style = this.catalog.styles.get(this.state.get("style"));
    return withQuery(style.get("url"), { lang: this.state.get("language") });
  },

  /** Ask for the document; a slow answer for a style that is no longer wanted is dropped. */
  load() {
    if (!this.catalog.styles.has(this.state.get("style"))) return;
    this.loading?.abort();
    this.loading = new AbortController();
    this.fetch({ signal: this.loading.signal });
  },

  parse(document) {
    return { document, name: this.state.get("style") };
  },

  /** The document as it is drawn: layers switched off, the selected feature on top. */
  composed(selected) {
    const document = this.get("document");
    return document && withSelection(withHidden(document, this.state.get("hidden")), selected);
  },

  /** Groups and kinds of layers; see layer-tree.js. */
  groups() {
    return layerTree(this.get("document")?.layers ?? []);
  },

  /** Where the map opens in a window of `size`; see position.js. */
  home(size = SQUARE) {
    return openingOf(this.get("document"), this.sources(), size);
  },

  /** What is known of the map's sources: `bounds` and zooms, by the catalog or the style itself. */
  sources() {
    const { sources = {} } = this.get("document");
    const described = Object.values(sources).filter(({ bounds }) => bounds);
    return [...this.tilesets().map((tileset) => tileset.attributes), ...described];
  },

  /** The tilesets that the map is drawn from, as the catalog has them. */
  tilesets() {
    const document = this.get("document");
    return document ? this.catalog.tilesets.usedBy(document) : [];
  },
});
