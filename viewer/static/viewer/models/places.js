// Places that match what is typed.
import Backbone from "../backbone.js";

const LIMIT = 8;

export const Places = Backbone.Collection.extend({
  initialize(_models, { url, state }) {
    this.url = url;
    this.state = state;
  },

  parse: ({ results }) => results,

  /** Ask for `text`; the question before it is dropped. Nothing typed finds nothing. */
  search(text) {
    this.asking?.abort();
    if (text === "") return this.reset();
    this.asking = new AbortController();
    const data = { q: text, limit: LIMIT, lang: this.state.get("language") };
    return this.fetch({ data, reset: true, signal: this.asking.signal });
  },
});
