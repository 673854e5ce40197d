import assert from "node:assert/strict";
import test from "node:test";

import { expand, localiser, withoutQuery, withQuery } from "../../viewer/static/viewer/urls.js";

test("a template takes values encoded and leaves MapLibre's own names alone", () => {
  assert.equal(expand("/embed/{style}", { style: "a b" }), "/embed/a%20b");
  assert.equal(expand("/t/{name}/{z}/{x}/{y}.mvt", { name: "w" }), "/t/w/{z}/{x}/{y}.mvt");
});

test("query parameters are set, replaced and dropped, the fragment stays last", () => {
  assert.equal(withQuery("/s.json", { lang: "de" }), "/s.json?lang=de");
  assert.equal(withQuery("/s.json?key=1#a", { lang: "kk" }), "/s.json?key=1&lang=kk#a");
  assert.equal(withQuery("/s.json?lang=de", { lang: "" }), "/s.json");
  assert.equal(withoutQuery("/s.json?lang=de#a"), "/s.json");
});

test("public addresses become the page's, at a boundary only", () => {
  const here = localiser("https://town.example/maps", "http://10.0.0.5:8000/");
  assert.equal(here("https://town.example/maps/tiles/a.json"), "http://10.0.0.5:8000/tiles/a.json");
  assert.equal(here("https://town.example/maps"), "http://10.0.0.5:8000");
  assert.equal(here("https://town.example/mapsold/a"), "https://town.example/mapsold/a");
  assert.equal(here("https://other.example/maps/a"), "https://other.example/maps/a");
});
