// Busy, in trouble, or fine; and the live region that says it to those who cannot see it.
import Backbone from "../backbone.js";
import { element } from "../dom.js";

export const StatusView = Backbone.View.extend({
  events: { "click [data-action=act]": "act", "click [data-action=dismiss]": "dismiss" },

  /** @param {object} options `model` is a Status, `announcer` its live region, `stage` the map's */
  initialize({ announcer, stage }) {
    Object.assign(this, { announcer, stage });
    this.listenTo(this.model, "change:busy", this.showBusy);
    this.listenTo(this.model, "change:problem", this.render);
    this.listenTo(this.model, "announce", this.say);
    this.online = () => this.model.get("problem")?.action?.again && this.act();
    window.addEventListener("online", this.online);
    this.showBusy();
  },

  remove() {
    window.removeEventListener("online", this.online);
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    const problem = this.model.get("problem");
    this.el.classList.toggle("fatal", problem?.fatal ?? false);
    this.el.replaceChildren(...(problem ? [this.card(problem)] : []));
    return this;
  },

  card({ title, detail, action, fatal }) {
    return element(
      "div",
      { class: "problem", role: "alert" },
      element("p", { class: "problem-title" }, title),
      element("p", {}, detail),
      element(
        "div",
        { class: "problem-actions" },
        action && element("button", { type: "button", "data-action": "act" }, action.label),
        fatal ? null : element("button", { type: "button", "data-action": "dismiss" }, "Dismiss"),
      ),
    );
  },

  showBusy() {
    const busy = this.model.get("busy");
    this.stage.setAttribute("aria-busy", busy);
    this.stage.classList.toggle("busy", busy);
  },

  act() {
    this.model.get("problem")?.action?.run();
  },

  dismiss() {
    this.model.recover();
  },

  say(text) {
    this.announcer.textContent = "";
    requestAnimationFrame(() => (this.announcer.textContent = text));
  },
});
