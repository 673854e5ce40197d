// Asks the map what is somewhere: by a click, or by Enter for what is in the middle.
import Backbone from "../backbone.js";

// Pixels around the place that still count: fingers are wide, and lines are thin.
const REACH = 5;

export const AskView = Backbone.View.extend({
  events: { "keydown canvas": "key" },

  /** @param {object} options `model` is the Selection; `map` a MapLibre map in `el` */
  initialize({ map }) {
    this.map = map;
    this.click = ({ point }) => this.ask(point, false);
    map.on("click", this.click);
  },

  remove() {
    this.map.off("click", this.click);
    return Backbone.View.prototype.remove.call(this);
  },

  key({ key }) {
    if (key === "Enter") this.ask(this.map.project(this.map.getCenter()), true);
  },

  ask({ x, y }, byKeyboard) {
    const box = [
      [x - REACH, y - REACH],
      [x + REACH, y + REACH],
    ];
    const { lng, lat } = this.map.unproject([x, y]);
    const place = { longitude: lng, latitude: lat };
    this.model.found(this.map.queryRenderedFeatures(box), place, byKeyboard);
  },
});
