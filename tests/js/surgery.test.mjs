// Bars of what surgery costs.
import assert from "node:assert/strict"
import { test } from "node:test"

import { bar } from "../../assets/js/surgery/bar.js"

test("what has become worse and what has become better lie on either side, the largest half a track long", () => {
  assert.deepEqual(bar(1), { side: "worse", width: 50 })
  assert.deepEqual(bar(-0.5), { side: "better", width: 25 })
  assert.deepEqual(bar(0), { side: "worse", width: 0 })
})

test("no bar leaves its track, and none is drawn of what is no number", () => {
  assert.equal(bar(7).width, 50)
  assert.equal(bar(NaN).width, 0)
})
