// The page at `/embed/{style}`: one map in somebody else's page.
//
// `#zoom/latitude/longitude` says where, `?lang=kk` in which language, `?theme=auto|light|dark` in
// which coat; without `theme` it is the style that was asked for.
import { readBoot } from "./boot.js";
import { readJson } from "./backbone.js";
import { splitName } from "./families.js";
import { NO_WEBGL, tryAgain, wordsFor } from "./failures.js";
import { addControls, createMap, NoWebGL, reloadTiles, sizeOf } from "./map.js";
import { Age } from "./models/age.js";
import { MissingTiles } from "./models/missing-tiles.js";
import { Status } from "./models/status.js";
import { formatPosition, openingOf, parsePosition } from "./position.js";
import { colourPage, knownTheme, systemTheme, whenSystemThemeChanges } from "./theme.js";
import { withQuery } from "./urls.js";
import { AgeView } from "./views/age-view.js";
import { StatusView } from "./views/status-view.js";

const boot = readBoot();
const asked = new URLSearchParams(location.search);
const status = new Status();
const missing = new MissingTiles({}, { status });
const larger = document.getElementById("larger");

new StatusView({
  el: "#status",
  model: status,
  announcer: document.getElementById("announcer"),
  stage: document.querySelector(".stage"),
});

/** The style in the coat that `?theme=` wants, as far as there is one. */
const wantedStyle = () => {
  const theme = asked.get("theme") === "auto" ? systemTheme() : asked.get("theme");
  return boot.coats[theme] ?? boot.style;
};

const hashPosition = () => parsePosition(...location.hash.slice(1).split("/"));

const optionsFor = (position) =>
  position ? { center: [position.longitude, position.latitude], zoom: position.zoom } : {};

const makeMap = () => {
  const options = {
    container: "map",
    cooperativeGestures: true,
    locale: { "Map.Title": `Map: ${boot.style.title}` },
    ...optionsFor(hashPosition()),
  };
  return createMap(options, boot.place);
};

const linkLarger = (map) => {
  const { lng, lat } = map.getCenter();
  const position = formatPosition({ zoom: map.getZoom(), latitude: lat, longitude: lng });
  const page = withQuery(boot.urls.home, { lang: asked.get("lang") });
  larger.href = `${page}#${wantedStyle().name}/${position}`;
};

/** What the TileJSONs of a style say; of one that does not come the map itself complains. */
const sourcesOf = async (document) => {
  const urls = Object.values(document.sources).flatMap(({ url }) => url ?? []);
  const asked = urls.map((url) => readJson(boot.localise(url)));
  const answers = await Promise.allSettled(asked);
  return answers.filter(({ value }) => value).map(({ value }) => value);
};

const homeOf = async (document, map) => {
  const sources = document.center ? [] : await sourcesOf(document);
  return openingOf(document, sources, sizeOf(map.getContainer()));
};

const show = async (map) => {
  missing.forget();
  const style = wantedStyle();
  const url = withQuery(style.url, { lang: asked.get("lang") });
  status.set("busy", true);
  try {
    const document = await readJson(boot.localise(url));
    const position = hashPosition() ?? (await homeOf(document, map));
    status.recover();
    map.setStyle(document, { diff: false });
    if (!hashPosition()) map.jumpTo(optionsFor(position));
  } catch (error) {
    status.fail({ ...wordsFor(error), action: tryAgain(() => show(map)), fatal: true });
  }
};

const start = () => {
  const map = makeMap();
  document.getElementById("map").map = map;
  addControls(map);
  new AgeView({ model: new Age(), map, place: boot.place, status });
  map.on("idle", () => {
    missing.settle();
    status.set("busy", missing.isWaiting() || map.getStyle().layers.length === 0);
  });
  map.on("moveend", () => linkLarger(map));
  map.on("error", (event) => missing.add(event));
  missing.on("again", (tiles) => reloadTiles(map, tiles) || show(map));
  addEventListener("hashchange", () => map.jumpTo(optionsFor(hashPosition())));
  whenSystemThemeChanges(() => asked.get("theme") === "auto" && show(map));
  linkLarger(map);
  show(map);
};

colourPage(knownTheme(asked.get("theme") ?? splitName(boot.style.name).variant));
try {
  start();
} catch (error) {
  if (!(error instanceof NoWebGL)) throw error;
  status.fail(NO_WEBGL);
}
