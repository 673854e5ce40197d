// The search field: an ARIA combobox whose list opens below it.
import Backbone from "../backbone.js";
import { element, icon } from "../dom.js";
import { humanise } from "../naming.js";
import { wordsFor } from "../failures.js";

const PAUSE = 200;
const byTouch = matchMedia("(pointer: coarse)");

export const SearchView = Backbone.View.extend({
  events: {
    "input #search-text": "typed",
    "keydown #search-text": "key",
    "focusin #search-text": "reopen",
    focusout: "left",
    "mousedown [role=option]": "keepFocus",
    "click [role=option]": "picked",
    "click [data-action=clear]": "clear",
    submit: "submitted",
  },

  /** @param {object} options `collection` is Places; `state`, `status` */
  initialize({ state, status }) {
    Object.assign(this, { state, status, active: -1 });
    this.input = this.$("input");
    this.list = this.$("[role=listbox]");
    this.note = this.$(".results-note");
    this.listenTo(this.collection, "reset", this.render);
    this.listenTo(this.collection, "error", this.failed);
  },

  remove() {
    clearTimeout(this.timer);
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    this.active = -1;
    this.list.replaceChildren(...this.collection.map((place, index) => this.option(place, index)));
    const none = this.collection.length === 0;
    this.show(none && this.text() ? "No place of that name." : "", !none);
    if (this.text())
      this.status.announce(none ? "No place found." : `${this.collection.length} places found.`);
    return this;
  },

  option(place, index) {
    const { name, kind, context } = place.attributes;
    const about = [kind && humanise(kind), context].filter(Boolean).join(" · ");
    return element(
      "li",
      { role: "option", id: `place-${index}`, "data-index": index, "aria-selected": "false" },
      icon("place"),
      element("span", {}, element("b", { dir: "auto" }, name), element("small", {}, about)),
    );
  },

  text() {
    return this.input.value.trim();
  },

  /** Open or close the list, and say `note` in its place. */
  show(note, open) {
    this.list.hidden = !open;
    this.note.hidden = note === "";
    this.note.textContent = note;
    this.input.setAttribute("aria-expanded", open);
    this.mark(-1);
  },

  failed(_collection, error) {
    this.list.replaceChildren();
    this.show(wordsFor(error).title + ".", false);
    this.status.announce(wordsFor(error).title);
  },

  typed() {
    this.$("[data-action=clear]").hidden = this.input.value === "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.collection.search(this.text()), PAUSE);
  },

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", at === index);
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `place-${index}`);
  },

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.collection.length > 0) {
      event.preventDefault();
      if (this.list.hidden) this.show("", true);
      const count = this.collection.length + 1;
      this.mark(((this.active + 1 + step + count) % count) - 1);
    } else if (event.key === "Escape") {
      this.escape();
    }
  },

  escape() {
    if (this.list.hidden && this.note.hidden) this.clear();
    else this.show("", false);
  },

  reopen() {
    if (this.collection.length > 0 && this.text()) this.show("", true);
  },

  left({ relatedTarget }) {
    if (!this.el.contains(relatedTarget)) this.show("", false);
  },

  keepFocus(event) {
    event.preventDefault();
  },

  submitted(event) {
    event.preventDefault();
    const place = this.collection.at(Math.max(0, this.active));
    if (place && !this.list.hidden) this.go(place);
    else this.typed();
  },

  picked(_event, option) {
    this.go(this.collection.at(Number(option.dataset.index)));
  },

  go(place) {
    const { name, zoom, latitude, longitude } = place.attributes;
    this.input.value = name;
    this.show("", false);
    // The keyboard on a touch screen would hide the map.
    if (byTouch.matches) this.input.blur();
    this.state.set("pin", { name, latitude, longitude });
    this.state.goTo({ zoom, latitude, longitude });
    this.status.announce(`The map shows ${name}.`);
  },

  clear() {
    clearTimeout(this.timer);
    this.input.value = "";
    this.$("[data-action=clear]").hidden = true;
    this.collection.search("");
    this.state.set("pin", null);
    this.input.focus();
  },
});
