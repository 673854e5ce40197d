// What of the map did not come. A busy server is asked again by ourselves, a few times; then, and
// for any other fault, the reader is told and decides. Triggers `again` with what to ask for.
import Backbone from "../backbone.js";
import { isBusy, tryAgain, wordsForTiles } from "../failures.js";

// Milliseconds before each try.
const PAUSES = [2000, 4000, 8000];

export const MissingTiles = Backbone.Model.extend({
  /** @param {object} options `status`, to tell the reader by */
  initialize(_attributes, { status }) {
    this.status = status;
    this.forget();
  },

  /** Another map is on its way: what was missing of this one no longer matters. */
  forget() {
    clearTimeout(this.timer);
    Object.assign(this, { timer: undefined, missing: [], attempts: 0 });
  },

  /** Take an `error` event of MapLibre's. */
  add({ error, sourceId, tile }) {
    this.missing.push({ sourceId, tile: tile?.tileID.canonical });
    if (this.isWaiting()) return;
    if (isBusy(error) && this.attempts < PAUSES.length) {
      this.timer = setTimeout(() => this.askAgain(), PAUSES[this.attempts]);
      this.attempts += 1;
    } else {
      this.status.fail({ ...wordsForTiles(error), action: tryAgain(() => this.askAgain()) });
    }
  },

  /** True while we are about to ask again by ourselves. */
  isWaiting() {
    return this.timer !== undefined;
  },

  /** The map has come to rest: if nothing is missing, the next fault starts afresh. */
  settle() {
    if (this.missing.length === 0) this.attempts = 0;
  },

  askAgain() {
    const { missing } = this;
    clearTimeout(this.timer);
    Object.assign(this, { timer: undefined, missing: [] });
    this.status.recover();
    this.status.set("busy", true);
    this.trigger("again", missing);
  },
});
