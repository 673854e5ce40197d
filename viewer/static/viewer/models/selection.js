// What lies where the reader asked: features, and which of them is looked at.
import Backbone from "../backbone.js";
import { distinct, namedFirst } from "../attributes.js";
import { isSelection } from "../selection-style.js";

export const Selection = Backbone.Model.extend({
  defaults: () => ({ features: [], place: null, active: 0 }),

  /** Keep what was found at `place` ({longitude, latitude}); `byKeyboard` moves the focus there. */
  found(rendered, place, byKeyboard = false) {
    const features = namedFirst(distinct(rendered.filter(({ layer }) => !isSelection(layer))));
    this.set({ features, place, active: 0 }, { byKeyboard });
  },

  /** `closed` says that the reader did it. */
  clear({ closed = false } = {}) {
    this.set({ features: [], place: null, active: 0 }, { closed });
  },

  /** The feature that is looked at, to be marked on the map; null if there is none. */
  activeFeature() {
    return this.get("features")[this.get("active")] ?? null;
  },
});
