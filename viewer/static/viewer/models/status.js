// Whether the map is busy, what went wrong, and what to tell those who cannot see it.
import Backbone from "../backbone.js";

export const Status = Backbone.Model.extend({
  defaults: { busy: true, problem: null, announcement: "" },

  /**
   * Something went wrong. A `fatal` problem leaves no map to look at, and a `lasting` one never
   * will. `action` is `{label, run}`, what the reader can do about it.
   */
  fail({ title, detail, action = null, fatal = false, lasting = false }) {
    const now = this.get("problem");
    if (now?.lasting || (now?.fatal && !fatal)) return;
    this.set({ problem: { title, detail, action, fatal, lasting }, busy: false });
  },

  /** All is well again, unless it never can be. */
  recover() {
    if (!this.get("problem")?.lasting) this.set("problem", null);
  },

  /** Say it in the live region; the same words twice are said twice. */
  announce(text) {
    this.set("announcement", text);
    this.trigger("announce", text);
  },
});
