// A challenge's board: who stands where, and how figures are told.
import assert from "node:assert/strict"
import { test } from "node:test"

import { filled, rows, time } from "../../assets/js/challenge/rows.js"

const line = (name, rank, perplexity) => ({ name, rank, best: { loss: perplexity == null ? null : Math.log(perplexity) } })
const names = (told) => told.map(({ rung, line }) => (rung ? `${rung.n}-gram` : line.name))

test("n-grams stand among the people by their perplexity, and who is not measured yet comes last", () => {
  const lines = [line("Mei", 1, 4), line("Ali", 2, 6), line("Zoe", null, null)]
  const rungs = [{ n: 1, perplexity: 17 }, { n: 2, perplexity: 8 }, { n: 3, perplexity: 5 }]
  assert.deepEqual(names(rows({ lines }, rungs)), ["Mei", "3-gram", "Ali", "2-gram", "1-gram", "Zoe"])
  assert.deepEqual(names(rows({ lines: [] }, rungs)), ["3-gram", "2-gram", "1-gram"])
  assert.deepEqual(names(rows({ lines }, [])), ["Mei", "Ali", "Zoe"])
})

test("who is only as good as an n-gram has not beaten it", () => {
  const even = { name: "Mei", rank: 1, best: { loss: Math.log(5) } }
  assert.deepEqual(names(rows({ lines: [even] }, [{ n: 3, perplexity: Math.exp(even.best.loss) }])), ["3-gram", "Mei"])
})

test("what is shown as equal stands as equal: an n-gram before whoever is no better", () => {
  const lines = [line("Mei", 1, 4.996), line("Ali", 2, 5.004)]
  assert.deepEqual(names(rows({ lines }, [{ n: 3, perplexity: 5.0049 }])), ["3-gram", "Mei", "Ali"])
  assert.deepEqual(names(rows({ lines }, [{ n: 3, perplexity: 5.006 }])), ["Mei", "Ali", "3-gram"])
})

test("the order of people is the server's, also where a tie by the figure shown is broken by parameters", () => {
  const lines = [line("small", 1, 4.004), line("large", 2, 4.001)]
  assert.deepEqual(names(rows({ lines }, [])), ["small", "large"])
})

test("training time is told in seconds, and from a minute on in minutes", () => {
  const labels = { seconds: "{s} s", minutes: "{m} min {s} s" }
  assert.deepEqual([null, 3.24, 59.4, 59.6, 185].map((s) => time(s, labels)), ["", "3.2 s", "59 s", "1 min 00 s", "3 min 05 s"])
})

test("a sentence gets its figures, and what is not known stays", () => {
  assert.equal(filled("{parameters} of {most}, {else}", { parameters: "3", most: "2" }), "3 of 2, {else}")
})
