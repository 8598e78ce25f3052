// Heatmaps come as whole steps above the smallest value, in one byte or two.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { Selection, beside, rows } from "../../assets/js/lens/selection.js"
import { unpack } from "../../assets/js/lens/unpack.js"
import { hasNames, unnamed } from "../../assets/js/lens/names.js"

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

// What is chosen: a hand is ahead of the page.

test("an answer to an older pick moves nothing, the newest one's does", () => {
  const selection = new Selection(() => 0)
  selection.take({ step: 3, unit: 0 }, 0)
  selection.choose({ step: 4 })
  assert.deepEqual(selection.told(), { step: 4, turn: 1 })
  selection.choose({ step: 5 })  // before the page has answered
  selection.take({ step: 4, unit: 0 }, 1)
  assert.deepEqual(selection.chosen, { step: 5, unit: 0 })
  assert.deepEqual(selection.told(), { step: 5, turn: 2 })
  selection.take({ step: 5, unit: 0 }, 2)
  selection.take({ step: 0, unit: 7 }, 2)  // another control has moved them since
  assert.deepEqual(selection.chosen, { step: 0, unit: 7 })
})

test("keys between a told pick and an older answer lose no step", () => {
  const selection = new Selection(() => 0)
  for (let i = 1; i <= 6; i++) {
    selection.choose({ step: selection.chosen.step + 1 })
    if (i % 2) selection.told()
    selection.take({ step: Math.max(0, i - 3), unit: 0 }, Math.max(0, i - 3))
  }
  assert.equal(selection.chosen.step, 6)
})

test("a pick tells what a hand has changed and leaves the other to the page", () => {
  const selection = new Selection(() => 0)
  selection.choose({ unit: 2 })
  selection.choose({ step: 1 })
  assert.deepEqual(selection.told(), { unit: 2, step: 1, turn: 2 })
  selection.choose({ step: 2 })
  assert.deepEqual(selection.told(), { step: 2, turn: 3 })
})

test("a pick that was lost on the way does not hold the lens for ever", () => {
  let now = 0
  const selection = new Selection(() => now)
  selection.choose({ step: 4 })
  now = 60_000
  selection.take({ step: 0, unit: 0 }, 0)
  assert.equal(selection.chosen.step, 0)
})

test("a panel that is made anew goes on from the page's turn", () => {
  const selection = new Selection(() => 0)
  selection.take({ step: 1, unit: 1 }, 17)
  selection.choose({ step: 2 })
  assert.equal(selection.told().turn, 18)
})

const map = { key: "map", figure: { data: [{ type: "scatter" }, { type: "heatmap", y: ["1", "0", "2"] }] } }

test("up and down follow the rows as they lie, and end at the ends", () => {
  const all = rows([{ key: "overview", figure: { data: [] } }, map, { key: "unit", figure: { data: [] } }], 3)
  assert.deepEqual(all, [2, 0, 1])  // the first row of the data lies lowest
  assert.equal(beside(all, 0, -1), 2)
  assert.equal(beside(all, 0, 1), 1)
  assert.equal(beside(all, 2, -1), 2)
  assert.equal(beside(all, 1, 1), 1)
})

test("without a map units are in the order of their numbers, and a comparison has none", () => {
  assert.deepEqual(rows([{ key: "unit", figure: { data: [] } }], 3), [0, 1, 2])
  assert.equal(rows([{ ...map, key: "first" }], 3), null)
})

test("names of rows are drawn where there is room, and else make room for the sentence", () => {
  assert.deepEqual([hasNames({ names: 60 }, 800), hasNames({ names: 60 }, 348), hasNames({ names: 0 }, 800)], [true, false, false])
  const figure = { data: [1], layout: { height: 9, margin: { l: 134, r: 70 }, yaxis2: { showticklabels: false }, annotations: [{ text: "82 quotes" }] } }
  assert.deepEqual(unnamed(figure, 60), { data: [1], layout: { height: 9, margin: { l: 74, r: 70 }, yaxis2: { showticklabels: true } } })
  assert.equal(figure.layout.margin.l, 134)
  const strips = { data: [], layout: { margin: { l: 134 }, yaxis2: { range: [0, 1] } } }
  assert.deepEqual(unnamed(strips, 60).layout.yaxis2, { range: [0, 1] })
})
