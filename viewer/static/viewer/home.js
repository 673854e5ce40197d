// The page at `/`: models, the views on them, and the router.
import Backbone from "./backbone.js";
import { readBoot } from "./boot.js";
import { tryAgain, wordsFor } from "./failures.js";
import { Atlas } from "./models/atlas.js";
import { Catalog } from "./models/catalog.js";
import { MapState } from "./models/map-state.js";
import { Places } from "./models/places.js";
import { Selection } from "./models/selection.js";
import { Status } from "./models/status.js";
import { StyleDocument } from "./models/style-document.js";
import { recall } from "./preferences.js";
import { MapRouter } from "./router.js";
import { followTheme, knownTheme } from "./theme.js";
import { FoundView } from "./views/found-view.js";
import { LayersView } from "./views/layers-view.js";
import { LegendView } from "./views/legend-view.js";
import { MapView } from "./views/map-view.js";
import { MapsView } from "./views/maps-view.js";
import { PanelState, PanelView } from "./views/panel-view.js";
import { RevealView } from "./views/reveal-view.js";
import { SearchView } from "./views/search-view.js";
import { StatusView } from "./views/status-view.js";
import { UseView } from "./views/use-view.js";

const boot = readBoot();
const narrow = matchMedia("(max-width: 700px)").matches;
const asked = new URLSearchParams(location.search);

const knownLanguage = (code) => (boot.languages.some((one) => one.code === code) ? code : "");

const state = new MapState({
  theme: knownTheme(asked.get("theme") ?? recall("theme", "auto")),
  language: knownLanguage(asked.get("lang") ?? recall("language", "")),
});
const status = new Status();
const selection = new Selection();
const panel = new PanelState({ open: !narrow });
const catalog = new Catalog({}, { url: boot.urls.catalog, opens: boot.opens });
const styleDocument = new StyleDocument({}, { state, catalog, localise: boot.localise });
const atlas = new Atlas({}, { state, catalog, document: styleDocument, localise: boot.localise });
const places = new Places([], { url: boot.urls.search, state });

followTheme(state, catalog.styles);

const stage = document.querySelector(".stage");
new StatusView({
  el: "#status",
  model: status,
  announcer: document.getElementById("announcer"),
  stage,
});
const mapView = new MapView({
  el: "#map",
  state,
  document: styleDocument,
  selection,
  status,
  place: boot.place,
}).render();
const focusMap = () => document.querySelector("#map canvas")?.focus();
const useView = new UseView({
  el: "#use",
  model: state,
  document: styleDocument,
  status,
  urls: boot.public,
});
new PanelView({ el: "#panel", model: panel }).render();
new MapsView({ el: "#pane-maps", model: state, catalog, openUse: () => useView.open() });
new LayersView({ el: "#pane-layers", model: state, document: styleDocument });
new LegendView({ el: "#pane-legend", model: panel, document: styleDocument, mapView });
new FoundView({ el: "#found", model: selection, state, status, back: focusMap });
if (mapView.map) new RevealView({ el: "#found", model: selection, map: mapView.map });
new SearchView({ el: "#search", collection: places, state, atlas, status });
new MapRouter({ state, catalog });

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  focusMap();
});

catalog.on("sync", () => {
  status.recover();
  if (catalog.styles.length === 0) {
    const detail = "Publish one in the admin, or load the demo map.";
    status.fail({ title: "No map is published yet", detail, fatal: true });
  } else if (!Backbone.History.started) {
    Backbone.history.start();
  }
});
catalog.on("error", (_model, error) => {
  const action = tryAgain(() => catalog.fetch());
  status.fail({ ...wordsFor(error), action, fatal: true });
});
styleDocument.on("error", (_model, error) => {
  const action = tryAgain(() => styleDocument.load());
  status.fail({ ...wordsFor(error), action, fatal: styleDocument.get("document") === null });
});
styleDocument.on("sync", () => {
  document.title = `${styleDocument.get("document").name ?? "Map"} · Graticule`;
});
state.on("change:style", (_state, style) => {
  if (catalog.styles.has(style)) return;
  const another = () => state.set("style", catalog.opening(state.effectiveTheme()));
  const action = { label: "Show another map", run: another };
  status.fail({ ...wordsFor({ status: 404 }), action, fatal: true });
});

catalog.fetch();
