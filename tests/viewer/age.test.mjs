import assert from "node:assert/strict";
import test from "node:test";

import { Age } from "../../viewer/static/viewer/models/age.js";

const heard = (age, ...seconds) => {
  for (const one of seconds) age.hear(one);
  return [age.get("state"), age.get("text")];
};

test("an age is live, late or unknown", () => {
  assert.deepEqual(heard(new Age(), 0.4), ["live", "live"]);
  assert.deepEqual(heard(new Age(), 12), ["late", "12 s old"]);
  assert.deepEqual(heard(new Age(), null, null, null), ["unknown", "not verified"]);
});

test("what is not known yet is not said at once", () => {
  const age = new Age();
  assert.deepEqual(heard(age, null, null), ["", ""]);
  assert.deepEqual(heard(age, 1, null, null), ["live", "live"]);
  assert.deepEqual(heard(age, null), ["unknown", "not verified"]);
});

test("only a new state is news", () => {
  const age = new Age();
  const states = [];
  age.on("change:state", (_age, state) => states.push(state));
  heard(age, 1, 6, 7, 8, 1, 2);
  assert.deepEqual(states, ["live", "late", "live"]);
});
