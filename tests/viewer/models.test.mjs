import assert from "node:assert/strict";
import test from "node:test";

import Backbone from "../../viewer/static/viewer/backbone.js";
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
