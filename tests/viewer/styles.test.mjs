import assert from "node:assert/strict";
import test from "node:test";

import {
  familiesOf,
  familyTitle,
  splitName,
  variantFor,
} from "../../viewer/static/viewer/families.js";
import { isHidden, layerTree, withHidden } from "../../viewer/static/viewer/layer-tree.js";
import { classProperty, legendOf } from "../../viewer/static/viewer/legend.js";
import { partsOf } from "../../viewer/static/viewer/naming.js";
import { autoStyle, colourOf } from "../../viewer/static/viewer/auto-style.js";
import { isSelection, withSelection } from "../../viewer/static/viewer/selection-style.js";

const CASING = { id: "road-primary-casing", type: "line" };
const FILL = { id: "road-primary-fill", type: "line" };
const LABEL = { id: "label-city", type: "symbol" };
const LAYERS = [{ id: "background", type: "background" }, CASING, FILL, LABEL];

test("light and dark are one family", () => {
  const [world, plain] = familiesOf([
    { name: "world-dark", title: "World, dark" },
    { name: "world-light", title: "World, light" },
    { name: "plain", title: "Plain" },
  ]);
  assert.deepEqual(world.variants, { dark: "world-dark", light: "world-light" });
  assert.equal(world.title, "World");
  assert.equal(variantFor(world, "dark"), "world-dark");
  assert.equal(variantFor(plain, "dark"), "plain");
  assert.deepEqual(splitName("plain"), { family: "plain", variant: null });
});

test("a title loses its coat, and only that", () => {
  assert.equal(familyTitle("Roads (Dark)"), "Roads");
  assert.equal(familyTitle("Light rail"), "Light rail");
  assert.equal(familyTitle("Dark"), "Dark");
});

test("a layer's id is a group, a kind and a part", () => {
  assert.deepEqual(partsOf("road-primary-casing"), {
    group: "road",
    kind: "primary",
    part: "casing",
  });
  assert.equal(partsOf("coast-line").kind, "");
  assert.equal(partsOf("poi-17").kind, "");
});

test("layers are listed from the top, the background is not", () => {
  const tree = layerTree(LAYERS);
  assert.deepEqual(
    tree.map(({ title }) => title),
    ["Names", "Roads"],
  );
  assert.deepEqual(tree[1].kinds, [
    { kind: "primary", title: "Primary", layers: [FILL.id, CASING.id] },
  ]);
});

test("a hidden group or kind hides its layers, in a copy", () => {
  assert.ok(isHidden(FILL.id, ["road"]));
  assert.ok(isHidden(FILL.id, ["road-primary"]));
  assert.ok(!isHidden(LABEL.id, ["road"]));
  const document = { version: 8, layers: LAYERS };
  const hidden = withHidden(document, ["road"]);
  assert.equal(hidden.layers[1].layout.visibility, "none");
  assert.equal(CASING.layout, undefined);
});

test("what is selected lies on top, from its own source if it has an id", () => {
  const document = { sources: { world: {} }, layers: LAYERS };
  const known = { id: 7, source: "world", sourceLayer: "places", geometry: { type: "Point" } };
  const [first] = withSelection(document, known).layers.slice(LAYERS.length);
  assert.equal(first["source-layer"], "places");
  assert.deepEqual(first.filter[1], ["==", ["id"], 7]);

  const drawn = withSelection(document, { source: "world", geometry: { type: "Point" } });
  assert.ok(drawn.layers.slice(LAYERS.length).every(({ source }) => source !== "world"));
  assert.ok(drawn.layers.slice(LAYERS.length).every(isSelection));
  assert.equal(withSelection(document, null), document);
});

test("the property that tells classes apart is found in icons and colours", () => {
  const match = ["match", ["get", "class"], "park", "#0f0", "#fff"];
  assert.equal(classProperty({ paint: { "fill-color": match } }), "class");
  assert.equal(classProperty({ layout: { "icon-image": ["get", "icon"] }, paint: {} }), "icon");
  assert.equal(classProperty({ paint: { "line-color": "#fff" } }), null);
});

const rendered = (layer, paint, properties = {}) => ({ layer: { ...layer, paint }, properties });

test("a legend entry has the casing below the fill, once for all features", () => {
  const [roads] = legendOf(LAYERS, [
    rendered(FILL, { "line-color": "white", "line-width": 5 }),
    rendered(CASING, { "line-color": "grey", "line-width": 7 }),
    rendered(FILL, { "line-color": "white", "line-width": 5 }),
  ]);
  assert.equal(roads.title, "Roads");
  assert.equal(roads.entries.length, 1);
  assert.deepEqual(
    roads.entries[0].marks.map(({ colour }) => colour),
    ["grey", "white"],
  );
});

test("classes are entries of their own; what looks alike is one", () => {
  const layer = {
    id: "green",
    type: "fill",
    paint: { "fill-color": ["match", ["get", "class"], "wood", "green", "lime"] },
  };
  const [green] = legendOf(
    [layer],
    [
      rendered(layer, { "fill-color": "lime" }, { class: "park" }),
      rendered(layer, { "fill-color": "green" }, { class: "wood" }),
      rendered(layer, { "fill-color": "lime" }, { class: "grass" }),
    ],
  );
  assert.deepEqual(
    green.entries.map(({ title }) => title),
    ["Park, Grass", "Wood"],
  );
});

test("what has faded away is not in the legend", () => {
  assert.deepEqual(
    legendOf(LAYERS, [rendered(FILL, { "line-color": "red", "line-opacity": 0 })]),
    [],
  );
});

test("a TileJSON is drawn with areas below lines below points", () => {
  const style = autoStyle("/tiles/a.json", { vector_layers: [{ id: "a" }, { id: "b" }] });
  assert.deepEqual(
    style.layers.map(({ type }) => type),
    ["background", "fill", "fill", "line", "line", "line", "line", "circle", "circle"],
  );
  assert.notEqual(colourOf(0), colourOf(1));
  assert.deepEqual(autoStyle("/tiles/a.json", {}).layers.length, 1);
});
