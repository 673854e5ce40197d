import assert from "node:assert/strict";
import test from "node:test";

import Backbone from "../../viewer/static/viewer/backbone.js";
import { Atlas } from "../../viewer/static/viewer/models/atlas.js";
import { Catalog } from "../../viewer/static/viewer/models/catalog.js";
import { MapState } from "../../viewer/static/viewer/models/map-state.js";
import { MissingTiles } from "../../viewer/static/viewer/models/missing-tiles.js";
import { Places } from "../../viewer/static/viewer/models/places.js";
import { Status } from "../../viewer/static/viewer/models/status.js";
import { StyleDocument } from "../../viewer/static/viewer/models/style-document.js";

const CATALOG = {
  tilesets: [{ name: "world", tilejson: "https://t.example/tiles/world.json" }],
  styles: [
    { name: "world-dark", title: "World, dark", url: "https://t.example/styles/world-dark" },
    { name: "world-light", title: "World, light", url: "https://t.example/styles/world-light" },
  ],
};

/** Answers every request with `document` (a status for a number) and notes what was asked. */
const serve = (document) => {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const status = typeof document === "number" ? document : 200;
    return new Response(JSON.stringify(document), { status });
  };
  return asked;
};

const loadedCatalog = async (opens) => {
  serve(CATALOG);
  const catalog = new Catalog({}, { url: "/catalog.json", opens });
  await new Promise((resolve) => catalog.once("sync", resolve).fetch());
  return catalog;
};

test("the catalog finds families and the tilesets of a document", async () => {
  const catalog = await loadedCatalog("world-light");
  assert.equal(catalog.opening("dark"), "world-dark");
  assert.equal(catalog.styles.twin("world-dark", "light"), "world-light");
  assert.equal(catalog.styles.familyOf("nope"), undefined);
  const sources = { one: { url: "https://t.example/tiles/world.json?x=1" }, two: {} };
  const [world] = catalog.tilesets.usedBy({ sources });
  assert.equal(world.id, "world");
  const several = { one: { url: "https://t.example/tiles/more,world.json" } };
  assert.equal(catalog.tilesets.usedBy({ sources: several }).length, 1);
});

test("a catalog that is away is an error with its status", async () => {
  serve(503);
  const catalog = new Catalog({}, { url: "/catalog.json" });
  const error = await new Promise((resolve) => {
    catalog.once("error", (_model, fault) => resolve(fault)).fetch();
  });
  assert.equal(error.status, 503);
});

test("the document is asked for in the reader's language", async () => {
  const catalog = await loadedCatalog();
  const state = new MapState();
  const localise = (url) => url.replace("https://t.example", "");
  const asked = serve({ layers: [{ id: "a-b", type: "fill" }], center: [1, 2], zoom: 3 });
  const document = new StyleDocument({}, { state, catalog, localise });
  const synced = new Promise((resolve) => document.once("sync", resolve));
  state.set({ style: "world-light", language: "kk" });
  await synced;

  assert.equal(asked.at(-1), "/styles/world-light?lang=kk");
  assert.equal(document.publicUrl(), "https://t.example/styles/world-light?lang=kk");
  assert.deepEqual(document.home(), { zoom: 3, latitude: 2, longitude: 1 });
  state.show("a", "b", false);
  assert.equal(document.composed(null).layers[0].layout.visibility, "none");
  state.show("a", "b", true);
  assert.deepEqual(state.get("hidden"), []);
});

const tileset = (name, bounds, maxzoom, layers) => {
  return { name, bounds, maxzoom, layers, tilejson: `https://t.example/tiles/${name}.json` };
};
const EVERYWHERE = [-180, -85, 180, 85];
const TILESETS = [
  tileset("world", EVERYWHERE, 10, ["countries", "places"]),
  tileset("astana", [71, 51, 72, 52], 16, ["roads", "buildings", "pois"]),
  tileset("dots", [71, 51, 72, 52], 16, ["dots"]),
];
const STYLES = { dots: ["dots"], "streets-dark": ["astana"], "streets-light": ["astana"] };
const sourcesOf = (names) => {
  const urls = names.map((name) => [name, { url: `https://t.example/tiles/${name}.json` }]);
  return { sources: Object.fromEntries(urls) };
};

/** An atlas that is open at the world; `broken` names styles that do not come. */
const worldAtlas = (broken = []) => {
  const state = new MapState({ style: "world-light", theme: "light" });
  const catalog = new Catalog({}, { url: "/catalog.json" });
  const names = ["dots", "streets-dark", "streets-light", "world-light"];
  const styles = names.map((name) => ({ name, title: `${name}, light`, url: `/${name}` }));
  catalog.parse({ styles, tilesets: TILESETS });
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const name = url.slice(1);
    const status = broken.includes(name) ? 500 : 200;
    return new Response(JSON.stringify(sourcesOf(STYLES[name])), { status });
  };
  const localise = (url) => url;
  const document = new StyleDocument({}, { state, catalog, localise });
  document.set("document", sourcesOf(["world"]));
  return { atlas: new Atlas({}, { state, catalog, document, localise }), state, asked };
};
const STREET = { name: "Qabanbay", zoom: 15, latitude: 51.17, longitude: 71.44 };

test("a street is visited on the richest map that shows it, in the coat of the reader", async () => {
  const { atlas, state } = worldAtlas();
  assert.equal(await atlas.visit(STREET), "streets-light");
  assert.equal(state.get("style"), "streets-light");
  assert.equal(state.get("zoom"), 15);
  assert.equal(state.get("pin").name, "Qabanbay");
});

test("what the open map shows is visited there, and nobody is asked", async () => {
  const { atlas, state, asked } = worldAtlas();
  assert.equal(await atlas.visit({ ...STREET, name: "Astana", zoom: 9 }), undefined);
  assert.equal(state.get("style"), "world-light");
  assert.equal(await atlas.visit({ ...STREET, latitude: 10 }), undefined);
  assert.equal(state.get("zoom"), 12, "as near as the world has anything");
  assert.deepEqual(asked, []);
});

test("a map that does not come is not gone to, and only the last place is", async () => {
  const { atlas, state } = worldAtlas(["streets-light"]);
  const first = atlas.visit(STREET);
  const last = atlas.visit({ ...STREET, name: "Abay" });
  assert.deepEqual([await first, await last], [undefined, "dots"]);
  assert.equal(state.get("pin").name, "Abay");
});

test("an empty question finds nothing and asks nobody", async () => {
  const asked = serve({ results: [{ name: "Astana" }] });
  const places = new Places([], { url: "/search", state: new MapState({ language: "en" }) });
  await new Promise((resolve) => {
    places.once("sync", resolve);
    places.search("ast");
  });
  assert.equal(asked[0], "/search?q=ast&limit=8&lang=en");
  assert.equal(places.length, 1);
  places.search("");
  assert.equal(places.length, 0);
  assert.equal(asked.length, 1);
});

test("a passing problem does not hide a fatal one, and a lasting one stays", () => {
  const status = new Status();
  status.fail({ title: "fatal", fatal: true });
  status.fail({ title: "passing" });
  assert.equal(status.get("problem").title, "fatal");
  status.recover();
  assert.equal(status.get("problem"), null);
  status.fail({ title: "lasting", fatal: true, lasting: true });
  status.recover();
  assert.equal(status.get("problem").title, "lasting");
});

test("a busy server is asked again without a word, a broken one is reported", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const status = new Status();
  const missing = new MissingTiles({}, { status });
  const asked = [];
  missing.on("again", (tiles) => asked.push(tiles.length));
  const tile = { tileID: { canonical: { z: 0, x: 0, y: 0 } } };
  for (const pause of [2000, 4000, 8000]) {
    missing.add({ error: { status: 503 }, sourceId: "world", tile });
    assert.ok(missing.isWaiting());
    t.mock.timers.tick(pause);
  }
  assert.deepEqual(asked, [1, 1, 1]);
  assert.equal(status.get("problem"), null);

  missing.add({ error: { status: 503 }, sourceId: "world", tile });
  assert.match(status.get("problem").title, /missing/);
  status.get("problem").action.run();
  assert.equal(asked.length, 4);
  missing.settle();
  missing.add({ error: { status: 503 }, sourceId: "world", tile });
  assert.ok(missing.isWaiting());
  missing.forget();
  assert.ok(!missing.isWaiting());
});

test("the theme is the reader's, else the system's", () => {
  const state = new MapState({ systemTheme: "dark" });
  assert.equal(state.effectiveTheme(), "dark");
  state.set("theme", "light");
  assert.equal(state.effectiveTheme(), "light");
});

test("views take and give back their listeners without jQuery", () => {
  const heard = [];
  const el = new EventTarget();
  const View = Backbone.View.extend({ events: { ping: () => heard.push("ping") } });
  el.contains = () => true;
  el.remove = () => heard.push("removed");
  const view = new View({ el });
  el.dispatchEvent(new Event("ping"));
  view.remove();
  el.dispatchEvent(new Event("ping"));
  assert.deepEqual(heard, ["ping", "removed"]);
});
