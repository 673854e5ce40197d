// The MapLibre map as a Backbone view: it draws what the models say and says what the reader did.
import Backbone from "../backbone.js";
import { attribution, createMap, Marker, NoWebGL, scale, whereAmI, zoomButtons } from "../map.js";
import { isBusy, wordsForTiles } from "../failures.js";
import { element } from "../dom.js";
import { keepOrGoHome } from "../position.js";
import { familyTitle, splitName } from "../families.js";

const REACH = 5;
// A busy server is asked again by ourselves, after so many milliseconds.
const PAUSES = [2000, 4000, 8000];
const HOW = "Arrow keys move the map, plus and minus zoom, Enter tells what is in the middle.";

export const MapView = Backbone.View.extend({
  /** @param {object} options `state`, `document`, `selection`, `status`, `place` */
  initialize({ state, document, selection, status, place }) {
    Object.assign(this, { state, document, selection, status, place });
    this.failed = [];
    this.attempts = 0;
    this.listenTo(document, "request", this.wait);
    this.listenTo(document, "sync", this.show);
    this.listenTo(document, "error", () => (this.awaiting = false));
    this.listenTo(state, "change:style", this.expect);
    this.listenTo(state, "change:hidden", this.draw);
    this.listenTo(selection, "change:features change:active", this.draw);
    this.listenTo(state, "change:zoom change:latitude change:longitude", this.follow);
    this.listenTo(state, "change:pin", this.pin);
  },

  /** Make the map. Without WebGL there is none, and the status says so. */
  render() {
    try {
      this.map = createMap({ container: this.el, locale: { "Map.Title": "Map" } }, this.place);
    } catch (error) {
      if (!(error instanceof NoWebGL)) throw error;
      this.status.fail({
        title: "This browser cannot draw the map",
        detail: "It needs WebGL 2, which is switched off or missing here.",
        fatal: true,
        lasting: true,
      });
      return this;
    }
    // A handle for scripts of the page and for tests, as <graticule-preview> has one.
    this.el.map = this.map;
    this.addControls();
    this.hear();
    return this;
  },

  remove() {
    clearTimeout(this.waiting);
    this.map?.remove();
    return Backbone.View.prototype.remove.call(this);
  },

  addControls() {
    this.map.addControl(zoomButtons(), "top-right");
    const control = whereAmI();
    if (control) this.map.addControl(control, "top-right");
    this.map.addControl(attribution(), "bottom-right").addControl(scale(), "bottom-left");
  },

  hear() {
    const { map, status } = this;
    map.on("moveend", () => this.state.set(this.seen(), { moved: true }));
    map.on("dataloading", () => status.set("busy", true));
    map.on("idle", () => this.settled());
    map.on("error", (event) => this.fail(event));
    map.on("click", ({ point }) => this.ask(point, false));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.ask(map.project(map.getCenter()), true);
    });
  },

  /** A document is on its way: what is drawn until then is not what was asked for. */
  wait() {
    this.awaiting = true;
    this.status.set("busy", true);
  },

  /** Everything is drawn. */
  settled() {
    if (this.awaiting || !this.drawn) return;
    if (this.failed.length === 0) this.attempts = 0;
    this.status.set("busy", this.waiting !== undefined);
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
    this.failed = [];
    this.status.set("busy", true);
    this.selection.clear();
  },

  /** A document has come. */
  show() {
    this.awaiting = false;
    if (!this.map) return;
    const home = this.document.home();
    const position = this.state.position();
    if (this.unplaced || !position) {
      const sources = this.document.tilesets().map((tileset) => tileset.attributes);
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

  follow(state, _value, { moved = false, fly = false }) {
    const position = state.position();
    if (moved || !position || !this.map) return;
    const target = { zoom: position.zoom, center: [position.longitude, position.latitude] };
    if (fly) this.map.flyTo({ ...target, maxDuration: 2500 });
    else this.map.jumpTo(target);
  },

  pin(_state, pin) {
    this.marker?.remove();
    if (!pin || !this.map) return;
    const mark = element("div", { class: "pin", role: "img", "aria-label": pin.name });
    this.marker = new Marker({ element: mark, anchor: "bottom" });
    this.marker.setLngLat([pin.longitude, pin.latitude]).addTo(this.map);
  },

  ask({ x, y }, byKeyboard) {
    const box = [
      [x - REACH, y - REACH],
      [x + REACH, y + REACH],
    ];
    const { lng, lat } = this.map.unproject([x, y]);
    const place = { longitude: lng, latitude: lat };
    this.selection.found(this.map.queryRenderedFeatures(box), place, byKeyboard);
  },

  /** What is on screen, for the legend. */
  rendered() {
    return this.map?.isStyleLoaded() ? this.map.queryRenderedFeatures() : [];
  },

  fail({ error, sourceId, tile }) {
    this.failed.push({ sourceId, tile: tile?.tileID.canonical });
    if (this.waiting !== undefined) return;
    if (isBusy(error) && this.attempts < PAUSES.length) {
      this.waiting = setTimeout(() => this.retry(), PAUSES[this.attempts]);
      this.attempts += 1;
      return;
    }
    const action = { label: "Try again", run: () => this.retry() };
    this.status.fail({ ...wordsForTiles(error), action });
  },

  /** Ask again for the tiles that failed; for everything if it was not tiles alone. */
  retry() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.status.recover();
    this.status.set("busy", true);
    const failed = this.failed;
    this.failed = [];
    if (failed.length > 0 && failed.every(({ tile }) => tile)) {
      // By tile: without, MapLibre 6 waits for ever for tiles that have failed.
      for (const { sourceId, tile } of failed) this.map.refreshTiles(sourceId, [tile]);
    } else {
      this.drawn = null;
      this.draw();
    }
  },
});
