// What the reader chose: which map, where, in which coat and language, and what is switched off.
import Backbone from "../backbone.js";
import { keyOf } from "../layer-tree.js";

export const MapState = Backbone.Model.extend({
  defaults: () => ({
    style: null,
    zoom: null,
    latitude: null,
    longitude: null,
    language: "",
    theme: "auto",
    systemTheme: "light",
    hidden: [],
    pin: null,
  }),

  /** Where the map looks, or null before anybody said. */
  position() {
    const { zoom, latitude, longitude } = this.attributes;
    return zoom === null ? null : { zoom, latitude, longitude };
  },

  /** `light` or `dark`: the reader's word, else the system's. */
  effectiveTheme() {
    const theme = this.get("theme");
    return theme === "auto" ? this.get("systemTheme") : theme;
  },

  /** Switch a group, or one of its kinds, on or off. */
  show(group, kind, shown) {
    const key = keyOf(group, kind);
    const others = this.get("hidden").filter((one) => one !== key);
    this.set("hidden", shown ? others : [...others, key]);
  },

  /** Go to a position on purpose, on another map too: a step in the browser's history. */
  goTo(where) {
    this.set(where, { step: true, placed: true });
  },
});
