// The panels' numbers: the same cases as playground/format.py's.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { exact, fixed, number, percent, perplexityText, tick, withPowers } from "../../assets/js/core/format.js"

const FUNCTIONS = { number, fixed, exact, percent, tick, perplexity_text: perplexityText }
const SIGNS = { inf: Infinity, "-inf": -Infinity, nan: NaN }
const cases = JSON.parse(readFileSync(new URL("../number_cases.json", import.meta.url), "utf8"))

for (const [name, args, expected] of cases) {
  test(`${name}(${args.join(", ")}) is ${expected}`, () => {
    assert.equal(FUNCTIONS[name](...args.map((arg) => SIGNS[arg] ?? arg)), expected)
  })
}

test("a library's powers of ten are raised, and its words are left alone", () => {
  assert.equal(withPowers("epoch 3: 1.23e+7"), "epoch 3: 1.23 × 10⁷")
  assert.equal(withPowers("1.000e−10 / 2e5"), "1 × 10⁻¹⁰ / 2 × 10⁵")
  assert.equal(withPowers("the 3 epochs, e 2"), "the 3 epochs, e 2")
})

test("a number is never written with an e, and read back it is near", () => {
  let state = 12345  // a small generator of one's own: the same numbers at every run
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
  for (let i = 0; i < 2000; i++) {
    const value = (random() - 0.5) * 10 ** (40 * random() - 20), text = number(value)
    assert.doesNotMatch(text, /e/)
    const digits = { "⁻": "-", "⁰": 0, "¹": 1, "²": 2, "³": 3, "⁴": 4, "⁵": 5, "⁶": 6, "⁷": 7, "⁸": 8, "⁹": 9 }
    const [factor, power] = text.replace("−", "-").replaceAll(",", "").split(" × 10")
    const read = Number(factor) * 10 ** Number([...(power ?? "⁰")].map((c) => digits[c]).join(""))
    assert.ok(Math.abs(read - value) <= 0.051 * Math.abs(value), `${value} is shown as ${text}`)
  }
})
