// Which map shows a place: the one that is open if it does, else another of the catalog.
import Backbone, { readJson } from "../backbone.js";
import { familyTitle, splitName, variantFor } from "../families.js";
import { reachAt } from "../position.js";

export const Atlas = Backbone.Model.extend({
  /** @param {object} options `state`, `catalog`; `document` is the StyleDocument; `localise` */
  initialize(_attributes, { state, catalog, document, localise }) {
    Object.assign(this, { state, catalog, document, localise });
  },

  /**
   * Go to a place that was found, on a map that shows it, and put the pin there. Resolves to the
   * title of that map if it is another one; of two places only the later one is gone to.
   */
  async visit({ name, zoom, latitude, longitude }) {
    const place = { zoom, latitude, longitude };
    this.wanted = place;
    const reach = this.reach(place);
    const map = reach < zoom ? await this.another(place) : null;
    if (this.wanted !== place) return undefined;
    const style = map?.style ?? this.state.get("style");
    // Where no map comes so near, the one that is open does not go beyond its own data.
    const near = map || reach === -Infinity ? zoom : Math.min(zoom, reach);
    this.state.goTo({ ...place, zoom: near, style, pin: { name, latitude, longitude } });
    return map?.title;
  },

  /** The last zoom at which the open map shows a place; of sources that nobody knows any. */
  reach(place) {
    const sources = this.document.get("document") ? this.document.sources() : [];
    return sources.length > 0 ? reachAt(place, sources) : Infinity;
  },

  /** The richest map, as `{style, title}`, that shows the place; null if none does. */
  async another(place) {
    const shows = (tileset) => reachAt(place, [tileset.attributes]) >= place.zoom;
    if (!this.catalog.tilesets.some(shows)) return null;
    const theme = this.state.effectiveTheme();
    const here = splitName(this.state.get("style")).family;
    const others = this.catalog.styles.families().filter(({ family }) => family !== here);
    const asked = others.map((family) => this.map(variantFor(family, theme), shows));
    // One that does not come is no map to go to.
    const maps = (await Promise.allSettled(asked)).map(({ value }) => value).filter(Boolean);
    const [best] = maps.sort((a, b) => b.layers - a.layers);
    return best?.layers > 0 ? best : null;
  },

  /** A style, and how many layers it has where `shows` says so of their tilesets. */
  async map(style, shows) {
    const { url, title } = this.catalog.styles.get(style).attributes;
    const document = await readJson(this.localise(url));
    const tilesets = this.catalog.tilesets.usedBy(document).filter(shows);
    const layers = tilesets.reduce((sum, tileset) => sum + tileset.get("layers").length, 0);
    return { style, title: familyTitle(title), layers };
  },
});
