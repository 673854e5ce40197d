import assert from "node:assert/strict";
import test from "node:test";

import {
  distinct,
  kindOf,
  nameOf,
  namedFirst,
  rowsOf,
} from "../../viewer/static/viewer/attributes.js";
import { wordsFor, wordsForTiles } from "../../viewer/static/viewer/failures.js";
import {
  formatPosition,
  keepOrGoHome,
  openingOf,
  parsePosition,
} from "../../viewer/static/viewer/position.js";
import { iframeSnippet, mapLibreSnippet } from "../../viewer/static/viewer/snippets.js";

test("a position survives its text, and nonsense is no position", () => {
  const text = formatPosition({ zoom: 12.3456, latitude: 51.1234567, longitude: -71.5 });
  assert.equal(text, "12.35/51.12346/-71.5");
  assert.deepEqual(parsePosition("4", "51.1", "-71.5"), {
    zoom: 4,
    latitude: 51.1,
    longitude: -71.5,
  });
  for (const bad of [["x", "1", "2"], ["25", "1", "2"], ["4", "91", "2"], ["4"], []]) {
    assert.equal(parsePosition(...bad), null);
  }
});

const HOME = { zoom: 12, latitude: 51.13, longitude: 71.43 };
const WORLD = { bounds: [-180, -85, 180, 85], maxzoom: 10 };
const TOWN = { bounds: [71, 51, 72, 52], maxzoom: 16 };

test("a change of map keeps the place if the new map has it", () => {
  const there = { zoom: 14, latitude: 51.5, longitude: 71.5 };
  assert.deepEqual(keepOrGoHome(there, [WORLD, TOWN], HOME), there);
  assert.equal(keepOrGoHome({ ...there, latitude: 48 }, [WORLD, TOWN], HOME), HOME);
  assert.equal(keepOrGoHome({ ...there, zoom: 3 }, [WORLD, TOWN], HOME), HOME);
});

test("a change of map comes no nearer than the data bear", () => {
  const near = { zoom: 17, latitude: 51.5, longitude: 71.5 };
  const home = { zoom: 1, latitude: 0, longitude: 0 };
  assert.equal(keepOrGoHome(near, [WORLD], home).zoom, 12);
  assert.deepEqual(keepOrGoHome(near, [], home), near);
});

test("a map opens by its own word, else on its own data, else on the world", () => {
  const size = { width: 800, height: 600 };
  const own = { center: [71.43, 51.13], zoom: 12 };
  assert.deepEqual(openingOf(own, [WORLD], size), HOME);
  assert.deepEqual(openingOf({}, [], size), { zoom: 1, latitude: 20, longitude: 0 });
  const town = openingOf({}, [WORLD, TOWN], size);
  assert.equal(town.longitude, 71.5);
  assert.ok(Math.abs(town.latitude - 51.5) < 0.01);
  assert.ok(town.zoom > 7 && town.zoom < 8, "a degree of latitude in eight tenths of 600 pixels");
  assert.equal(openingOf({ zoom: 5 }, [TOWN], size).zoom, 5);
  const point = { bounds: [7, 46, 7, 46] };
  assert.equal(openingOf({}, [point], size).zoom, 14);
  assert.equal(openingOf({}, [WORLD], { width: 390, height: 844 }).zoom, 0);
});

const feature = (properties, id) => ({ source: "s", sourceLayer: "l", properties, id });

test("a feature that several layers draw is told once", () => {
  const same = [feature({ name: "a" }, 1), feature({ name: "a" }, 1), feature({ name: "a" }, 2)];
  assert.equal(distinct(same).length, 2);
  assert.equal(distinct([feature({ a: 1 }), feature({ a: 1 }), feature({ a: 2 })]).length, 2);
});

test("names come first, in the reader's language", () => {
  const kazakh = {
    name: "Астана",
    name_kk: "Астана қаласы",
    class: "city",
    population: 0,
    x: null,
  };
  assert.equal(nameOf(kazakh, "kk"), "Астана қаласы");
  assert.equal(nameOf(kazakh), "Астана");
  assert.equal(kindOf(kazakh), "city");
  assert.deepEqual(rowsOf({ b: 1, name: "n", gone: null }), [
    ["name", "n"],
    ["b", "1"],
  ]);
  const [first] = namedFirst([feature({ kind: "line" }), feature({ name: "a" })]);
  assert.equal(first.properties.name, "a");
});

test("snippets quote what they are given", () => {
  assert.match(
    iframeSnippet('/e?a=1&b="', "A <b>"),
    /src="\/e\?a=1&amp;b=&quot;" title="A &lt;b>"/,
  );
  const place = { zoom: 3, latitude: 1, longitude: 2 };
  const module = mapLibreSnippet("/s.json", "https://t.example/live.js", place);
  assert.match(module, /center: \[2\.00000, 1\.00000\]/);
  assert.match(module, /from "https:\/\/t\.example\/live\.js";/);
});

test("errors become words", () => {
  assert.match(wordsFor(new TypeError("Failed to fetch")).title, /does not answer/);
  assert.match(wordsFor({ status: 404 }).title, /not here/);
  assert.match(wordsFor({ status: 500 }).detail, /500/);
  assert.match(wordsForTiles({ status: 500 }).detail, /500/);
});
