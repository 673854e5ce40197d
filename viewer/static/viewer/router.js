// The address of what is seen: `#style/zoom/latitude/longitude`. Moving the map rewrites the
// address; choosing a map or going to a place makes a step, so that Back undoes it. The pin is kept
// beside each step, where an address has no room for its name.
import Backbone from "./backbone.js";
import { formatPosition, parsePosition } from "./position.js";

/** What a part of the address says; null for one that is missing, or has a malformed `%`. */
const decoded = (part) => {
  try {
    return part ? decodeURIComponent(part) : null;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
};

export const MapRouter = Backbone.Router.extend({
  // MapLibre's own `#zoom/latitude/longitude` names no style; what is neither is no address at all.
  routes: {
    ":zoom/:latitude/:longitude(/)": "openAt",
    "(:style)(/:zoom/:latitude/:longitude)(/)": "open",
    "*rest": "openSomewhere",
  },

  /** @param {object} options `state`, `catalog` */
  initialize({ state, catalog }) {
    Object.assign(this, { state, catalog });
    this.listenTo(state, "change", this.write);
  },

  /** Backbone's own throws at a malformed `%`, and no map would be chosen. */
  _extractParameters(route, fragment) {
    return route.exec(fragment).slice(1).map(decoded);
  },

  /** Show what the address says; what it leaves out is chosen for the reader. */
  open(style, zoom, latitude, longitude) {
    const wanted = style ?? this.catalog.opening(this.state.effectiveTheme());
    const position = parsePosition(zoom, latitude, longitude);
    const pin = history.state?.pin ?? null;
    const how = { routed: true, placed: position !== null };
    this.state.set({ style: wanted, ...position, pin }, how);
  },

  openAt(zoom, latitude, longitude) {
    this.open(null, zoom, latitude, longitude);
  },

  openSomewhere() {
    this.open();
  },

  write(state, { step = false }) {
    const position = state.position();
    if (!Backbone.History.started || !state.get("style") || !position) return;
    const fragment = `${encodeURIComponent(state.get("style"))}/${formatPosition(position)}`;
    this.navigate(fragment, { replace: !step });
    this.keep(state.get("pin"));
  },

  /** A new address, or one that was rewritten, comes without what was kept beside it. */
  keep(pin) {
    if (pin || history.state?.pin) history.replaceState({ pin }, "");
  },
});
