// Backbone without jQuery: its View has extension points for another DOM library, and its ajax is
// one function. We only ever read, so `fetch` with GET is all of it.
import Backbone from "../vendor/backbone/backbone.js";
import { withQuery } from "./urls.js";

/** An answer that is not a success; `status` is its HTTP status. */
export class HttpError extends Error {
  constructor(response) {
    super(`${response.status} ${response.statusText} for ${response.url}`);
    this.status = response.status;
  }
}

/** The JSON at `url`. @throws {HttpError|TypeError|DOMException} */
export const readJson = async (url, signal) => {
  const response = await fetch(url, { headers: { Accept: "application/json" }, signal });
  if (!response.ok) throw new HttpError(response);
  return response.json();
};

Backbone.ajax = async ({ url, data, signal, success, error }) => {
  let answer;
  try {
    answer = await readJson(withQuery(url, data ?? {}), signal);
  } catch (fault) {
    if (fault.name !== "AbortError") error(fault);
    return;
  }
  success(answer);
};

/** Listens on `node`, for events below it that come from `selector`, if one is given. */
const handler = (node, selector, listener) => (event) => {
  const target = selector ? event.target.closest(selector) : node;
  if (target && node.contains(target)) listener(event, target);
};

Object.assign(Backbone.View.prototype, {
  /** The first element below this view that matches. */
  $(selector) {
    return this.el.querySelector(selector);
  },
  _removeElement() {
    this.undelegateEvents();
    this.el.remove();
  },
  _setElement(el) {
    this.el = typeof el === "string" ? document.querySelector(el) : el;
  },
  _setAttributes(attributes) {
    for (const [name, value] of Object.entries(attributes)) this.el.setAttribute(name, value);
  },
  delegate(eventName, selector, listener) {
    const bound = handler(this.el, selector, listener);
    this.el.addEventListener(eventName, bound);
    (this.delegated ??= []).push([eventName, selector, listener, bound]);
    return this;
  },
  undelegate(eventName, selector, listener) {
    const matches = ([name, chosen, heard]) =>
      name === eventName && (!selector || chosen === selector) && (!listener || heard === listener);
    for (const entry of (this.delegated ?? []).filter(matches)) {
      this.el.removeEventListener(entry[0], entry[3]);
    }
    this.delegated = (this.delegated ?? []).filter((entry) => !matches(entry));
    return this;
  },
  undelegateEvents() {
    for (const [name, , , bound] of this.delegated ?? []) this.el?.removeEventListener(name, bound);
    this.delegated = [];
    return this;
  },
});

export default Backbone;
