// The pin at the place that was searched for.
import Backbone from "../backbone.js";
import { element } from "../dom.js";
import { Marker } from "../map.js";

export const PinView = Backbone.View.extend({
  /** @param {object} options `model` is the MapState; `map` a MapLibre map */
  initialize({ map }) {
    this.map = map;
    this.listenTo(this.model, "change:pin", this.render);
  },

  remove() {
    this.marker?.remove();
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    this.marker?.remove();
    const pin = this.model.get("pin");
    if (!pin) return this;
    const mark = element("div", { class: "pin", role: "img", "aria-label": pin.name });
    this.marker = new Marker({ element: mark, anchor: "bottom" });
    this.marker.setLngLat([pin.longitude, pin.latitude]).addTo(this.map);
    return this;
  },
});
