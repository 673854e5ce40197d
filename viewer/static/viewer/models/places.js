// Places that match what is typed.
import Backbone from "../backbone.js";

const LIMIT = 8;
// Milliseconds without another key.
const PAUSE = 200;

export const Places = Backbone.Collection.extend({
  initialize(_models, { url, state }) {
    this.url = url;
    this.state = state;
  },

  parse: ({ results }) => results,

  /** Ask once nobody types any more. */
  searchSoon(text) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(text), PAUSE);
  },

  /** Ask for `text`; the question before it is dropped. Nothing typed finds nothing. */
  search(text) {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (text === "") return this.reset();
    this.asking = new AbortController();
    const data = { q: text, limit: LIMIT, lang: this.state.get("language") };
    return this.fetch({ data, reset: true, signal: this.asking.signal });
  },
});
