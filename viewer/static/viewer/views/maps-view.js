// Which map, in which coat, with names in which language.
import Backbone from "../backbone.js";
import { element } from "../dom.js";
import { remember } from "../preferences.js";

export const MapsView = Backbone.View.extend({
  events: {
    "change [name=style]": "chooseStyle",
    "change [name=theme]": "chooseTheme",
    "change #language": "chooseLanguage",
    "click [data-action=use]": "use",
  },

  /** @param {object} options `model` is the MapState; `catalog`; `openUse` opens the dialog */
  initialize({ catalog, openUse }) {
    Object.assign(this, { catalog, openUse });
    this.listenTo(catalog.styles, "reset", this.render);
    this.listenTo(this.model, "change:style change:theme change:language", this.showChoice);
  },

  render() {
    const families = this.catalog.styles.families();
    const choices = this.$("#styles");
    choices.replaceChildren(choices.firstElementChild, ...families.map((one) => this.choice(one)));
    return this.showChoice();
  },

  choice({ family, title, variants }) {
    const [name] = Object.values(variants);
    const description = this.catalog.styles.get(name).get("description");
    return element(
      "label",
      {},
      element("input", { type: "radio", name: "style", value: family }),
      element(
        "span",
        {},
        element("b", {}, title),
        description ? element("small", {}, description) : null,
      ),
    );
  },

  showChoice() {
    const { theme, language } = this.model.attributes;
    const family = this.catalog.styles.familyOf(this.model.get("style"))?.family;
    for (const input of this.el.querySelectorAll("[name=style]")) {
      input.checked = input.value === family;
    }
    this.$(`[name=theme][value=${theme}]`).checked = true;
    this.$("#language").value = language;
    return this;
  },

  chooseStyle(_event, input) {
    const { styles } = this.catalog;
    const [name] = Object.values(
      styles.families().find((one) => one.family === input.value).variants,
    );
    this.model.set("style", styles.twin(name, this.model.effectiveTheme()), { step: true });
  },

  chooseTheme(_event, { value }) {
    remember("theme", value);
    this.model.set("theme", value);
  },

  chooseLanguage(_event, { value }) {
    remember("language", value);
    this.model.set("language", value);
  },

  use() {
    this.openUse();
  },
});
