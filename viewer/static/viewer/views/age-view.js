// How old what is drawn may be, in a corner of the map; it also keeps the map up to date.
import Backbone from "../backbone.js";
import { followChanges } from "../map.js";

const MEANINGS = {
  live: "The map follows the database.",
  late: "What changed in the meantime may be missing here.",
  unknown: "The server cannot say just now whether the map is up to date.",
};
const NEWS = { ...MEANINGS, live: "The map is up to date again." };

/** A view that MapLibre takes for a control. */
export const AgeView = Backbone.View.extend({
  className: "maplibregl-ctrl age",

  /** @param {object} options `model` is an Age; `map` a MapLibre map; `place`; `status` */
  initialize({ map, place, status }) {
    Object.assign(this, { map, status });
    this.listenTo(this.model, "change:text", this.render);
    this.listenTo(this.model, "change:state", this.announce);
    this.el.hidden = true;
    map.addControl(this, "bottom-left");
    this.following = followChanges(map, place, (seconds) => this.model.hear(seconds));
  },

  /** What the view was made of goes with the map. */
  remove() {
    this.following.stop();
    return Backbone.View.prototype.remove.call(this);
  },

  onAdd() {
    return this.el;
  },

  onRemove() {
    this.el.remove();
  },

  render() {
    const { text, state } = this.model.attributes;
    this.el.textContent = text;
    this.el.title = MEANINGS[state];
    this.el.dataset.state = state;
    this.el.hidden = false;
    return this;
  },

  /** Each second's number would only disturb: those who listen hear when the state changes. */
  announce() {
    if (this.model.previous("state")) this.status.announce(NEWS[this.model.get("state")]);
  },
});
