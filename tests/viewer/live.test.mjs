import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { touching, words } from "../../viewer/static/viewer/live.js";

const NOTHING = { boxes: [], tiles: [], buffer: 0.016, minzoom: 0 };
const MAXZOOM = 14;

/** All tiles of a zoom that an answer touches, as `x/y`. */
const hits = (answer, z, maxzoom = MAXZOOM) => {
  const touched = touching({ ...NOTHING, ...answer });
  const side = Array.from({ length: 2 ** z }, (_, n) => n);
  return side
    .flatMap((x) => side.map((y) => ({ z, x, y })))
    .filter((tile) => touched(tile, maxzoom))
    .map(({ x, y }) => `${x}/${y}`);
};

test("a box touches the tiles that it lies in", () => {
  assert.deepEqual(hits({ boxes: [[71, 51, 72, 52]] }, 0), ["0/0"]);
  assert.deepEqual(hits({ boxes: [[71, 51, 72, 52]] }, 3), ["5/2"]);
  assert.deepEqual(hits({ boxes: [[-170, -80, 170, 80]] }, 1), ["0/0", "0/1", "1/0", "1/1"]);
  assert.deepEqual(hits({}, 2), []);
});

test("a point on an edge touches both sides, as does one within the buffer", () => {
  assert.deepEqual(hits({ boxes: [[0, 10, 0, 10]] }, 1), ["0/0", "1/0"]);
  const near = (180 / 2) * 0.015;
  assert.deepEqual(hits({ boxes: [[90 - near, 10, 90 - near, 10]] }, 2), ["2/1", "3/1"]);
  assert.deepEqual(hits({ boxes: [[90 - 2 * near, 10, 90 - 2 * near, 10]] }, 2), ["2/1"]);
  assert.deepEqual(hits({ boxes: [[90 - near, 10, 90 - near, 10]], buffer: 0 }, 2), ["2/1"]);
});

test("at the antimeridian the feed gives two boxes, and each stays on its side", () => {
  const boxes = [
    [179.5, -1, 180, 1],
    [-180, -1, -179.5, 1],
  ];
  assert.deepEqual(hits({ boxes }, 2), ["0/1", "0/2", "3/1", "3/2"]);
});

test("boxes beyond the square of Web Mercator touch its edge at most", () => {
  assert.deepEqual(hits({ boxes: [[0, 89, 10, 90]] }, 1), []);
  assert.deepEqual(hits({ boxes: [[5, 80, 10, 90]] }, 1), ["1/0"]);
  assert.deepEqual(hits({ boxes: [[-180, -90, 180, 90]] }, 1).length, 4);
});

test("a tile touches itself, what is above it and what is below it", () => {
  const answer = { tiles: [[3, 5, 2]], buffer: 0 };
  assert.deepEqual(hits(answer, 0), ["0/0"]);
  assert.ok(hits(answer, 2).includes("2/1"));
  assert.ok(hits(answer, 3).includes("5/2"));
  assert.ok(!hits(answer, 3).includes("7/2"));
  const below = hits(answer, 4);
  assert.ok(["10/4", "10/5", "11/4", "11/5"].every((tile) => below.includes(tile)));
});

test("an overzoomed tile is touched where the tile is that it is cut out of", () => {
  const box = [71.0, 51.0, 71.0, 51.0];
  const touched = touching({ ...NOTHING, boxes: [box] });
  const parent = { z: 3, x: 5, y: 2 };
  for (const [x, y] of [
    [40, 16],
    [47, 23],
  ]) {
    assert.ok(touched({ z: 6, x, y }, 3), "a part of the touched tile, far from the box");
    assert.ok(!touched({ z: 6, x, y }, 6), "the same tile where it is one of the source's own");
  }
  assert.ok(touched(parent, 3));
  assert.ok(!touched({ z: 6, x: 48, y: 24 }, 3));
});

test("tiles below the changed layers' zooms are left alone", () => {
  const touched = touching({ ...NOTHING, boxes: [[71, 51, 72, 52]], minzoom: 3 });
  assert.ok(!touched({ z: 2, x: 2, y: 1 }, MAXZOOM));
  assert.ok(touched({ z: 3, x: 5, y: 2 }, MAXZOOM));
});

test("an age in words", () => {
  assert.equal(words(null), "not verified");
  assert.equal(words(0), "live");
  assert.equal(words(4.9), "live");
  assert.equal(words(12.4), "12 s old");
  assert.equal(words(300), "5 min old");
  assert.equal(words(7200), "2 h old");
});

test("what others load is small", async () => {
  const made = await readFile(new URL("../../build/live/live.js", import.meta.url), "utf-8");
  assert.ok(Buffer.byteLength(made) < 3000);
  assert.match(made, /export const live=/);
});
