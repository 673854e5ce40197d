// What is served: tilesets and styles, from /catalog.json.
import Backbone from "../backbone.js";
import { familiesOf, splitName, variantFor } from "../families.js";
import { withoutQuery } from "../urls.js";

/** The TileJSONs that one of several names stands for: `a,b.json` is `a.json` and `b.json`. */
const apart = (url) => {
  const [, folder, names] = /^(.*\/)([^/]+)\.json$/.exec(withoutQuery(url)) ?? [];
  return names ? names.split(",").map((name) => `${folder}${name}.json`) : [];
};

const Styles = Backbone.Collection.extend({
  model: Backbone.Model.extend({ idAttribute: "name" }),

  /** Pairs of light and dark as one; see families.js. */
  families() {
    return familiesOf(this.toJSON());
  },

  /** The family that the style of this name is of; undefined for an unknown name. */
  familyOf(name) {
    const { family } = splitName(name ?? "");
    return this.has(name) ? this.families().find((one) => one.family === family) : undefined;
  },

  /** The name of this style's twin for `theme`, or the name itself where it has none. */
  twin(name, theme) {
    const family = this.familyOf(name);
    return family ? variantFor(family, theme) : name;
  },
});

const Tilesets = Backbone.Collection.extend({
  model: Backbone.Model.extend({ idAttribute: "name" }),

  /** The tilesets whose TileJSON the document's sources name. */
  usedBy({ sources = {} }) {
    const urls = Object.values(sources).flatMap(({ url }) => apart(url ?? ""));
    return this.filter((tileset) => urls.includes(withoutQuery(tileset.get("tilejson"))));
  },
});

export const Catalog = Backbone.Model.extend({
  /** @param {object} options `url`; `opens` names the style to show when nobody asked for one */
  initialize(_attributes, { url, opens }) {
    Object.assign(this, { url, opens });
    this.styles = new Styles();
    this.tilesets = new Tilesets();
  },

  parse({ styles = [], tilesets = [], layers = [] }) {
    this.styles.reset(styles);
    this.tilesets.reset([...tilesets, ...layers]);
    return {};
  },

  /** The name of the style to show when nobody asked for one. */
  opening(theme) {
    const name = this.styles.has(this.opens) ? this.opens : this.styles.first().id;
    return this.styles.twin(name, theme);
  },
});
