// The list of runs is sorted by what a cell is worth, not by how it is written.
import assert from "node:assert/strict"
import { test } from "node:test"

import { matching, pressed, sorted } from "../../assets/js/run_list/order.js"

const row = (text, by) => ({ cells: { value: { text, by } } })
const texts = (rows) => rows.map(({ cells }) => cells.value.text)
const perplexities = [row("2.42", 0.88), row("1.4 × 10¹²", 27.97), row("1.32", 0.28), row("–", null), row("12", 2.48)]

test("perplexities sort as numbers, and what is missing stands last either way", () => {
  assert.deepEqual(texts(sorted(perplexities, { column: "value", isDown: false })), ["1.32", "2.42", "12", "1.4 × 10¹²", "–"])
  assert.deepEqual(texts(sorted(perplexities, { column: "value", isDown: true })), ["1.4 × 10¹²", "12", "2.42", "1.32", "–"])
})

test("equal rows stay as they came, and nothing is sorted in place", () => {
  const rows = [row("b", 1), row("a", 1)]
  assert.deepEqual(texts(sorted(rows, { column: "value", isDown: false })), ["b", "a"])
  assert.deepEqual(texts(sorted(rows, { column: "value", isDown: true })), ["b", "a"])
  assert.deepEqual(sorted(perplexities, null), perplexities)
  assert.equal(texts(perplexities)[0], "2.42")
})

test("names sort as a dictionary has them", () => {
  const names = [row("LSTM 10", "LSTM 10"), row("gru", "gru"), row("Ähre", "Ähre")]
  assert.deepEqual(texts(sorted(names, { column: "value", isDown: false })), ["Ähre", "gru", "LSTM 10"])
})

test("a press sorts up, the next down, the third gives the order back; another column starts up", () => {
  const up = pressed(null, "a"), down = pressed(up, "a")
  assert.deepEqual(up, { column: "a", isDown: false })
  assert.deepEqual(down, { column: "a", isDown: true })
  assert.equal(pressed(down, "a"), null)
  assert.deepEqual(pressed(down, "b"), { column: "b", isDown: false })
})

test("a search keeps the rows that hold all its words, in text or note", () => {
  const rows = [{ cells: { name: { text: "LSTM 128", note: "trap" } } }, { cells: { name: { text: "LSTM 64" } } }]
  assert.equal(matching(rows, "lstm TRAP").length, 1)
  assert.equal(matching(rows, "  ").length, 2)
  assert.equal(matching(rows, "gru").length, 0)
})
