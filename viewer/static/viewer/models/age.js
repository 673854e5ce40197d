// How old what the map shows may be, by what live.js hears of the server once a second.
import Backbone from "../backbone.js";
import { words } from "../live.js";

// That it is not known is said only after so many seconds: at first it never is.
const PATIENCE = 3;
const LIVE_SECONDS = 5;

const stateOf = (seconds) => {
  if (seconds === null) return "unknown";
  return seconds < LIVE_SECONDS ? "live" : "late";
};

export const Age = Backbone.Model.extend({
  defaults: { text: "", state: "" },

  /** @param {number|null} seconds null while it is not known */
  hear(seconds) {
    this.unknown = seconds === null ? (this.unknown ?? 0) + 1 : 0;
    if (this.unknown > 0 && this.unknown < PATIENCE) return;
    this.set({ text: words(seconds), state: stateOf(seconds) });
  },
});
