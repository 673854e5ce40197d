// Keeps the place that was asked for in sight: the sheet that tells of it may lie over it.
import Backbone from "../backbone.js";

// Pixels: how far from the sheet a place is still seen well, and where the search field ends.
const CLEAR = 24;
const BAR = 72;
const MILLISECONDS = 300;

const covers = ({ left, right, top, bottom }, { x, y }) =>
  x > left - CLEAR && x < right + CLEAR && y > top - CLEAR && y < bottom + CLEAR;

export const RevealView = Backbone.View.extend({
  /** @param {object} options `el` is the sheet; `model` the Selection; `map` a MapLibre map */
  initialize({ map }) {
    Object.assign(this, { map, before: null, after: null, zoom: null });
    this.listenTo(this.model, "change:place", this.render);
    // The sheet grows when another entry is opened.
    this.sizes = new ResizeObserver(() => this.reveal());
    this.sizes.observe(this.el);
  },

  remove() {
    this.sizes.disconnect();
    return Backbone.View.prototype.remove.call(this);
  },

  render(_model, place, { closed = false } = {}) {
    if (place) return this.reveal();
    if (closed && this.isWhereWeLeftIt()) this.moveTo(this.before);
    this.after = null;
    return this;
  },

  /** Move the map so that the place lies in the middle between the search field and the sheet. */
  reveal() {
    const place = this.model.get("place");
    const sheet = this.el.getBoundingClientRect();
    const point = place && this.map.project([place.longitude, place.latitude]);
    if (!point || !covers(sheet, point)) return this;
    const ours = this.after && (this.map.isMoving() || this.isWhereWeLeftIt());
    if (!ours) Object.assign(this, { before: this.map.getCenter(), zoom: this.map.getZoom() });
    const { clientWidth, clientHeight } = this.map.getContainer();
    const down = point.y - (BAR + sheet.top) / 2;
    this.after = this.map.unproject([clientWidth / 2, clientHeight / 2 + down]);
    return this.moveTo(this.after);
  },

  /** MapLibre jumps where the reader wants no motion. */
  moveTo(center) {
    this.map.easeTo({ center, duration: MILLISECONDS });
    return this;
  },

  /** True while nobody has moved the map since. */
  isWhereWeLeftIt() {
    if (!this.after || this.map.getZoom() !== this.zoom) return false;
    const { clientWidth, clientHeight } = this.map.getContainer();
    const { x, y } = this.map.project(this.after);
    return Math.hypot(x - clientWidth / 2, y - clientHeight / 2) < 1;
  },
});
