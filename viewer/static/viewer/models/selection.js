// What lies where the reader asked: features, and which of them is looked at.
import Backbone from "../backbone.js";
import { distinct, namedFirst } from "../attributes.js";
import { isSelection } from "../selection-style.js";

export const Selection = Backbone.Model.extend({
  defaults: () => ({ features: [], place: null }),

  /** Keep what was found at `place` ({longitude, latitude}); `byKeyboard` moves the focus there. */
  found(rendered, place, byKeyboard = false) {
    const features = namedFirst(distinct(rendered.filter(({ layer }) => !isSelection(layer))));
    this.set({ features, place }, { byKeyboard });
  },

  clear() {
    this.set({ features: [], place: null });
  },

  /** The features as GeoJSON without their properties: to be marked on the map. */
  geometries() {
    return this.get("features").map(({ geometry }) => ({
      type: "Feature",
      properties: {},
      geometry,
    }));
  },
});
