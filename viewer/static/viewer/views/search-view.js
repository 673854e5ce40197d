// The search field: an ARIA combobox whose list opens below it.
import Backbone from "../backbone.js";
import { wordsFor } from "../failures.js";
import { ResultsView } from "./results-view.js";

const byTouch = matchMedia("(pointer: coarse)");

export const SearchView = Backbone.View.extend({
  events: {
    "input #search-text": "typed",
    "keydown #search-text": "key",
    "focusin #search-text": "reopen",
    focusout: "left",
    "click [data-action=clear]": "clear",
    submit: "submitted",
  },

  /** @param {object} options `collection` is Places; `state`, `atlas`, `status` */
  initialize({ state, atlas, status }) {
    Object.assign(this, { state, atlas, status });
    this.input = this.$("input");
    this.results = new ResultsView({
      el: this.$("[role=listbox]"),
      collection: this.collection,
      input: this.input,
      note: this.$(".results-note"),
    });
    this.listenTo(this.results, "chosen", this.go);
    this.listenTo(this.collection, "reset", this.render);
    this.listenTo(this.collection, "error", this.failed);
    this.listenTo(state, "change:pin", this.showPin);
  },

  remove() {
    this.collection.search("");
    this.results.remove();
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    const { length } = this.collection;
    this.results.render().show(length > 0, length || !this.text() ? "" : "No place of that name.");
    if (this.text()) this.status.announce(length ? `${length} places found.` : "No place found.");
    return this;
  },

  text() {
    return this.input.value.trim();
  },

  failed(_collection, error) {
    const { title } = wordsFor(error);
    this.results.show(false, `${title}.`);
    this.status.announce(title);
  },

  typed() {
    this.$("[data-action=clear]").hidden = this.input.value === "";
    this.collection.searchSoon(this.text());
  },

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.collection.length > 0) {
      event.preventDefault();
      if (!this.results.isOpen()) this.results.show(true);
      this.results.step(step);
    } else if (event.key === "Escape") {
      this.escape();
    }
  },

  /** Once closes what is open, twice empties the field. */
  escape() {
    if (this.results.isOpen() || this.results.note.textContent) this.results.show(false);
    else this.clear();
  },

  reopen() {
    if (this.collection.length > 0 && this.text()) this.results.show(true);
  },

  left({ relatedTarget }) {
    if (!this.el.contains(relatedTarget)) this.results.show(false);
  },

  submitted(event) {
    event.preventDefault();
    const place = this.results.chosen();
    return place ? this.go(place) : this.typed();
  },

  async go(place) {
    const name = place.get("name");
    this.input.value = name;
    this.results.show(false);
    // The keyboard on a touch screen would hide the map.
    if (byTouch.matches) this.input.blur();
    const other = await this.atlas.visit(place.attributes);
    if (other) this.results.show(false, `This is on another map: ${other}.`);
    this.status.announce(`The map ${other ? `${other} ` : ""}shows ${name}.`);
  },

  /** The field says where the pin is, after Back and Forward too. */
  showPin(_state, pin) {
    const name = pin?.name ?? "";
    const isListed = this.collection.some((place) => place.get("name") === name);
    this.input.value = "";
    if (!isListed) this.collection.search("");
    this.input.value = name;
    this.$("[data-action=clear]").hidden = !name;
  },

  clear() {
    this.state.set("pin", null);
    this.showPin(this.state, null);
    this.input.focus();
  },
});
