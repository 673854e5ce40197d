// The panel of tabs: at the side on a wide screen, a sheet at the bottom of a narrow one.
import Backbone from "../backbone.js";

export const PanelState = Backbone.Model.extend({ defaults: { tab: "maps", open: true } });

const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

export const PanelView = Backbone.View.extend({
  events: {
    "click [role=tab]": "choose",
    "click [data-action=fold]": "fold",
    "keydown [role=tab]": "step",
  },

  initialize() {
    this.tabs = [...this.el.querySelectorAll("[role=tab]")];
    this.listenTo(this.model, "change", this.render);
  },

  render() {
    const { tab, open } = this.model.attributes;
    for (const button of this.tabs) {
      const chosen = button.id === `tab-${tab}`;
      button.setAttribute("aria-selected", chosen);
      button.tabIndex = chosen ? 0 : -1;
      document.getElementById(button.getAttribute("aria-controls")).hidden = !chosen;
    }
    this.el.classList.toggle("folded", !open);
    this.$("[data-action=fold]").setAttribute("aria-expanded", open);
    this.$(".panes").hidden = !open;
    return this;
  },

  choose(_event, button) {
    this.model.set({ tab: button.id.replace("tab-", ""), open: true });
  },

  fold() {
    this.model.set("open", !this.model.get("open"));
  },

  /** Arrow keys go round the tabs, as the ARIA pattern has it. */
  step(event, button) {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const last = this.tabs.length - 1;
    const index = this.tabs.indexOf(button) + step;
    const next = Number.isFinite(index) ? (index + last + 1) % (last + 1) : step < 0 ? 0 : last;
    this.tabs[next].focus();
    this.choose(event, this.tabs[next]);
  },
});
