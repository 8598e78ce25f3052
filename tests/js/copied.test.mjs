// What is copied of a written text is marked where Python said, and told in a sentence.
import assert from "node:assert/strict"
import { test } from "node:test"

import { parts, sentence } from "../../assets/js/write/copied.js"

const labels = {
  copiedShare: "{share} in pieces of {least}; {longest}: “{piece}”", copiedLittle: "none of {least}; {longest}: “{piece}”",
  copiedNothing: "nothing",
}

test("parts joined are the text, and every second one is a stretch", () => {
  for (const stretches of [[], [[0, 3]], [[2, 5], [6, 9]], [[0, 10]], [[7, 10]]]) {
    const text = "0123456789", all = parts(text, stretches)
    assert.equal(all.join(""), text)
    assert.deepEqual(all.filter((_, i) => i % 2), stretches.map(([start, stop]) => text.slice(start, stop)))
  }
})

test("a character that takes two halves counts as one, as it does on the server", () => {
  assert.deepEqual(parts("a𝄞b雨𝄞", [[1, 3]]), ["a", "𝄞b", "雨𝄞"])
})

test("the sentence has the share, the length and the longest piece, whatever stands in it", () => {
  const found = { stretches: [[0, 4]], longest: [1, 4], share: 0.375, least: 3 }
  assert.equal(sentence("a$&\n𝄞", found, labels), "37.5% in pieces of 3; 3: “$&⏎”")
  assert.equal(sentence("ab", { stretches: [], longest: [0, 1], share: 0, least: 20 }, labels), "none of 20; 1: “a”")
  assert.equal(sentence("ab", { stretches: [], longest: [0, 0], share: 0, least: 20 }, labels), "nothing")
})

test("a long piece is cut between characters", () => {
  const text = "𝄞".repeat(200)
  const told = sentence(text, { stretches: [[0, 200]], longest: [0, 200], share: 1, least: 20 }, labels)
  assert.equal(told, `100.0% in pieces of 20; 200: “${"𝄞".repeat(80)}…”`)
})
