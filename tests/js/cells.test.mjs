// What units follow: groups, a passage in colours, the gauge, and the way from row to row.
import assert from "node:assert/strict"
import { test } from "node:test"

import { beside, gauge, gradient, grouped, pieces } from "../../assets/js/cells/rows.js"

const PALETTES = { two: [["#000", "#fff"], ["#fff", "#000"]] }
const passage = { tokens: ["a", "\n", "b"], between: "", levels: [0, 1, 9], values: ["0.1", "0.9", "−1.0"], holds: [true, false, true],
                  palette: "two" }

test("groups keep the order in which they come, and rows theirs", () => {
  const rows = [["a", "memory"], ["b", "token"], ["c", "memory"]].map(([name, group]) => ({ name, group }))
  assert.deepEqual(grouped(rows).map(({ name, rows: members }) => [name, members.map((row) => row.name)]),
                   [["memory", ["a", "c"]], ["token", ["b"]]])
  assert.deepEqual(grouped([]), [])
})

test("every token has its own colours, its value, and says where the idea holds; a line's end is seen and kept", () => {
  assert.deepEqual(pieces(passage, PALETTES), [
    { text: "a", background: "#000", color: "#fff", holds: true, told: "a 0.1" },
    { text: "⏎\n", background: "#fff", color: "#000", holds: false, told: "⏎ 0.9" },
    { text: "b", background: "#fff", color: "#000", holds: true, told: "b −1.0" },
  ])
  assert.deepEqual(pieces({ ...passage, holds: null }, PALETTES).map(({ holds }) => holds), [false, false, false])
  assert.equal(pieces({ ...passage, between: " " }, PALETTES)[0].text, "a ")
})

test("a gauge goes from nothing to everything, and no further", () => {
  assert.deepEqual(gauge([0.44, 0.1]), { filled: 44, marked: 10 })
  assert.deepEqual(gauge([1.0000001, -0.2]), { filled: 100, marked: 0 })
  assert.deepEqual(gauge([null, NaN]), { filled: 0, marked: 0 })
})

test("a scale is drawn from its lowest colour to its highest", () => {
  assert.equal(gradient(PALETTES.two), "linear-gradient(to right, #000, #fff)")
})

test("keys lead from row to row and end at the ends", () => {
  const names = ["a", "b", "c"]
  assert.deepEqual(["ArrowDown", "ArrowUp", "Home", "End", "x"].map((key) => beside(names, "b", key)), ["c", "a", "a", "c", null])
  assert.deepEqual([beside(names, "a", "ArrowUp"), beside(names, "c", "ArrowDown"), beside(names, "a", "Home"), beside(names, "gone", "End")],
                   [null, null, null, null])
})
