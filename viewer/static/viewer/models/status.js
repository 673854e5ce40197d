// Whether the map is busy, what went wrong, and what to tell those who cannot see it.
import Backbone from "../backbone.js";

export const Status = Backbone.Model.extend({
  defaults: { busy: true, problem: null, announcement: "" },

  /**
   * Something went wrong. A `fatal` problem leaves no map to look at; another one passes.
   * `action` is `{label, run}`, what the reader can do about it.
   */
  fail({ title, detail, action = null, fatal = false }) {
    if (this.get("problem")?.fatal && !fatal) return;
    this.set({ problem: { title, detail, action, fatal }, busy: false });
  },

  recover() {
    this.set("problem", null);
  },

  /** Say it in the live region; the same words twice are said twice. */
  announce(text) {
    this.set("announcement", text);
    this.trigger("announce", text);
  },
});
