// The MapLibre map as a Backbone view: it draws what the models say and says what the reader did.
import Backbone from "../backbone.js";
import { addControls, createMap, NoWebGL, reloadTiles, sizeOf } from "../map.js";
import { NO_WEBGL } from "../failures.js";
import { familyTitle, splitName } from "../families.js";
import { MissingTiles } from "../models/missing-tiles.js";
import { keepOrGoHome } from "../position.js";
import { Age } from "../models/age.js";
import { AgeView } from "./age-view.js";
import { AskView } from "./ask-view.js";
import { PinView } from "./pin-view.js";

const HOW = "Arrow keys move the map, plus and minus zoom, Enter tells what is in the middle.";

export const MapView = Backbone.View.extend({
  /** @param {object} options `state`, `document`, `selection`, `status`, `place` */
  initialize({ state, document, selection, status, place }) {
    Object.assign(this, { state, document, selection, status, place });
    this.missing = new MissingTiles({}, { status });
    this.listenTo(this.missing, "again", this.askAgain);
    this.listenTo(document, "request", this.wait);
    this.listenTo(document, "sync", this.show);
    this.listenTo(document, "error", () => (this.awaiting = false));
    this.listenTo(state, "change:style", this.expect);
    this.listenTo(state, "change:hidden", this.draw);
    this.listenTo(selection, "change:features change:active", this.draw);
    this.listenTo(state, "change:zoom change:latitude change:longitude", this.follow);
  },

  /** Make the map. Without WebGL there is none, and the status says so. */
  render() {
    try {
      this.map = createMap({ container: this.el, locale: { "Map.Title": "Map" } }, this.place);
    } catch (error) {
      if (!(error instanceof NoWebGL)) throw error;
      this.status.fail(NO_WEBGL);
      return this;
    }
    // A handle for scripts of the page and for tests, as <graticule-preview> has one.
    this.el.map = this.map;
    this.parts = [
      new AskView({ el: this.el, model: this.selection, map: this.map }),
      new PinView({ model: this.state, map: this.map }),
    ];
    addControls(this.map, { locate: true });
    const { map, place, status } = this;
    this.parts.push(new AgeView({ model: new Age(), map, place, status }));
    this.hear();
    return this;
  },

  remove() {
    this.missing.forget();
    this.parts?.forEach((part) => part.remove());
    this.map?.remove();
    return Backbone.View.prototype.remove.call(this);
  },

  hear() {
    const { map, status } = this;
    map.on("moveend", () => this.state.set(this.seen(), { moved: true }));
    map.on("dataloading", () => status.set("busy", true));
    map.on("idle", () => this.settled());
    map.on("error", (event) => this.missing.add(event));
  },

  /** A document is on its way: what is drawn until then is not what was asked for. */
  wait() {
    this.awaiting = true;
    this.status.set("busy", true);
  },

  /** Everything is drawn. */
  settled() {
    if (this.awaiting || !this.drawn) return;
    this.missing.settle();
    this.status.set("busy", this.missing.isWaiting());
    this.trigger("settled");
  },

  seen() {
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), latitude: lat, longitude: lng };
  },

  /** Another style is on its way: unless the address says where, the new map may move us. */
  expect(state, style, { placed = false }) {
    const before = splitName(state.previous("style") ?? "").family;
    if (before !== splitName(style).family) this.unplaced = !placed;
    this.missing.forget();
    this.status.set("busy", true);
    this.selection.clear();
  },

  /** A document has come. */
  show() {
    this.awaiting = false;
    if (!this.map) return;
    const position = this.state.position();
    if (this.unplaced || !position) {
      const home = this.document.home(sizeOf(this.el));
      const sources = this.document.sources();
      this.state.set(position ? keepOrGoHome(position, sources, home) : home);
    }
    this.unplaced = false;
    const title = familyTitle(this.document.get("document").name ?? "");
    this.map.getCanvas().setAttribute("aria-label", `Map: ${title}. ${HOW}`);
    this.status.recover();
    this.draw();
  },

  /** MapLibre works out what has changed since the last time. */
  draw() {
    const style = this.document.composed(this.selection.activeFeature());
    if (!style || !this.map) return;
    const name = this.document.get("name");
    this.map.setStyle(style, { diff: this.drawn === name });
    this.drawn = name;
    // Where nothing has changed MapLibre draws nothing, and would not come to rest again.
    this.map.triggerRepaint();
  },

  follow(state, _value, { moved = false }) {
    const position = state.position();
    if (moved || !position || !this.map) return;
    this.map.jumpTo({ zoom: position.zoom, center: [position.longitude, position.latitude] });
  },

  /** What is on screen, for the legend. */
  rendered() {
    return this.map?.isStyleLoaded() ? this.map.queryRenderedFeatures() : [];
  },

  askAgain(missing) {
    if (reloadTiles(this.map, missing)) return;
    this.drawn = null;
    this.draw();
  },
});
