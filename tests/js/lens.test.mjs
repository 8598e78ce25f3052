// Heatmaps come as whole steps above the smallest value, in one byte or two.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { unpack } from "../../assets/js/lens/unpack.js"

const examples = JSON.parse(readFileSync(new URL("packed_example.json", import.meta.url), "utf8"))

for (const { packed, rows } of examples) {
  test(`${rows.length} rows of ${packed.bits} bits are as they were, to half a step`, () => {
    const unpacked = unpack(packed)
    assert.equal(unpacked.length, rows.length)
    unpacked.forEach((row, i) => {
      assert.equal(row.length, rows[i].length)
      row.forEach((value, j) => assert.ok(Math.abs(value - rows[i][j]) <= 0.5001 * packed.step + 1e-6))
    })
  })
}
