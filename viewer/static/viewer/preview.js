// <graticule-preview>: a small map for admin pages.
//
//   tilejson    a TileJSON's address: all its layers are drawn, each in a colour of its own
//   style-url   a style's address, drawn as it is (wins over `tilejson`)
//   bounds      "west,south,east,north" in degrees (EPSG:4326), where the map opens
//   public-url  PUBLIC_URL, root: our place as this page sees it; both from the template tag
//   worker      the address of MapLibre's worker
//
// `refresh()` asks for every tile again. The map fires no event of its own; `element.map` is the
// MapLibre map once the element is in the page.
import { attribution, createMap, followChanges, NoWebGL, zoomButtons } from "./map.js";
import { distinct, nameOf, rowsOf } from "./attributes.js";
import { autoStyle, colourOf } from "./auto-style.js";
import { element } from "./dom.js";
import { localiser } from "./urls.js";

const REACH = 4;
const dark = matchMedia("(prefers-color-scheme: dark)");

const boundsOf = (text) => {
  const sides = (text ?? "").split(",").map(Number);
  const valid = sides.length === 4 && sides.every(Number.isFinite);
  return valid ? [sides.slice(0, 2), sides.slice(2)] : undefined;
};

const featureEntry = (feature) =>
  element(
    "details",
    { open: true },
    element(
      "summary",
      {},
      `${feature.sourceLayer ?? feature.source}: ${nameOf(feature.properties) ?? feature.id ?? "?"}`,
    ),
    element(
      "dl",
      {},
      rowsOf(feature.properties).map(([name, value]) => [
        element("dt", {}, name),
        element("dd", {}, value),
      ]),
    ),
  );

class Preview extends HTMLElement {
  static observedAttributes = ["tilejson", "style-url"];

  connectedCallback() {
    this.localise = localiser(
      this.getAttribute("public-url") ?? location.origin,
      new URL(this.getAttribute("root") ?? "/", location.href).href,
    );
    this.#build();
    this.#start();
  }

  disconnectedCallback() {
    this.map?.remove();
    this.map = undefined;
    this.replaceChildren();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.map && before !== after) this.#load();
  }

  /** Ask for everything again, and show what came of it. */
  refresh() {
    if (this.map) this.#load();
  }

  #build() {
    this.canvas = element("div", { class: "preview-map" });
    this.layers = element("ul", { class: "preview-layers", "aria-label": "Layers" });
    this.message = element("p", { class: "preview-message", role: "status", hidden: true });
    this.found = element("div", { class: "preview-found", "aria-live": "polite", hidden: true });
    this.replaceChildren(this.canvas, this.layers, this.found, this.message);
  }

  #start() {
    const bounds = boundsOf(this.getAttribute("bounds"));
    const server = this.getAttribute("public-url") ?? location.origin;
    const place = {
      localise: this.localise,
      worker: this.getAttribute("worker"),
      server: `${server}/`,
    };
    const options = { container: this.canvas, bounds, fitBoundsOptions: { padding: 16 } };
    try {
      this.map = createMap(options, place);
    } catch (error) {
      if (!(error instanceof NoWebGL)) throw error;
      this.#say("This browser cannot draw the map: WebGL 2 is not available.");
      return;
    }
    this.map.addControl(zoomButtons(), "top-right").addControl(attribution(true));
    followChanges(this.map, place);
    this.map.on("error", ({ error }) => this.#say(`Could not load: ${error.message}`));
    this.map.on("click", (event) => this.#inspect(event.point));
    this.map.getCanvas().addEventListener("keydown", (event) => this.#key(event));
    this.#load();
  }

  async #load() {
    this.#say("");
    try {
      this.map.setStyle(await this.#style(), { diff: false });
    } catch (error) {
      this.#say(`Could not load: ${error.message}`);
    }
  }

  async #style() {
    const style = this.getAttribute("style-url");
    const url = style ?? this.getAttribute("tilejson");
    if (!url) throw new Error("neither tilejson nor style-url is given");
    const response = await fetch(this.localise(new URL(url, location.href).href));
    if (!response.ok) throw new Error(`${response.status} for ${url}`);
    const document = await response.json();
    if (style) return document;
    this.#opened(document);
    return autoStyle(new URL(url, location.href).href, document, dark.matches);
  }

  #opened(tilejson) {
    const names = (tilejson.vector_layers ?? []).map((layer) => layer.id);
    this.layers.replaceChildren(...names.map((name, index) => this.#swatch(name, index)));
    const bounds = boundsOf(tilejson.bounds?.join(","));
    if (bounds && !this.hasAttribute("bounds")) this.map.fitBounds(bounds, { animate: false });
  }

  #swatch(name, index) {
    const box = element("span", { class: "preview-swatch" });
    box.style.backgroundColor = colourOf(index, dark.matches);
    return element("li", {}, box, name);
  }

  #inspect({ x, y }) {
    const box = [
      [x - REACH, y - REACH],
      [x + REACH, y + REACH],
    ];
    const features = distinct(this.map.queryRenderedFeatures(box));
    this.found.hidden = features.length === 0;
    this.found.replaceChildren(...features.slice(0, 20).map(featureEntry));
  }

  /** Without a mouse: Enter asks what is in the middle, Escape closes it. */
  #key(event) {
    if (event.key === "Enter") this.#inspect(this.map.project(this.map.getCenter()));
    if (event.key === "Escape") this.found.hidden = true;
  }

  #say(text) {
    this.message.textContent = text;
    this.message.hidden = text === "";
  }
}

customElements.define("graticule-preview", Preview);
