// The places that were found, as the list of an ARIA combobox; or a note in its place.
import Backbone from "../backbone.js";
import { element, icon } from "../dom.js";
import { humanise } from "../naming.js";

export const ResultsView = Backbone.View.extend({
  events: { "mousedown [role=option]": "keepFocus", "click [role=option]": "choose" },

  /** @param {object} options `collection` is Places; `input` the combobox; `note` an element */
  initialize({ input, note }) {
    Object.assign(this, { input, note, active: -1 });
    this.outside = ({ target }) => this.el.parentElement.contains(target) || this.show(false);
    document.addEventListener("pointerdown", this.outside);
  },

  remove() {
    document.removeEventListener("pointerdown", this.outside);
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    this.el.replaceChildren(...this.collection.map((place, index) => this.option(place, index)));
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

  isOpen() {
    return !this.el.hidden;
  },

  /** Open the list, or close it and say `note` in its place. */
  show(open, note = "") {
    this.el.hidden = !open;
    this.note.hidden = note === "";
    this.note.textContent = note;
    this.input.setAttribute("aria-expanded", open);
    this.mark(-1);
  },

  /** Move the mark by `step`, round past the field itself, where nothing is marked. */
  step(step) {
    const count = this.collection.length + 1;
    this.mark(((this.active + 1 + step + count) % count) - 1);
  },

  mark(index) {
    this.active = index;
    [...this.el.children].forEach((option, at) => {
      option.setAttribute("aria-selected", at === index);
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `place-${index}`);
  },

  /** The place that is marked, else the first; undefined while the list is closed. */
  chosen() {
    return this.isOpen() ? this.collection.at(Math.max(0, this.active)) : undefined;
  },

  keepFocus(event) {
    event.preventDefault();
  },

  choose(_event, option) {
    this.trigger("chosen", this.collection.at(Number(option.dataset.index)));
  },
});
