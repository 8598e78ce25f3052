// What a press has opened is brought into view where it is not.
import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"

import { showTop } from "../../assets/js/run_list/show.js"

const before = { innerHeight: globalThis.innerHeight, matchMedia: globalThis.matchMedia }
let isCalm = false
beforeEach(() => Object.assign(globalThis, { innerHeight: 800, matchMedia: () => ({ matches: isCalm }) }))
afterEach(() => Object.assign(globalThis, before))

function scrolled(top) {
  const asked = []
  showTop({ getBoundingClientRect: () => ({ top }), scrollIntoView: (how) => asked.push(how) })
  return asked
}

test("what lies above the screen, or so low that it is hardly seen, is scrolled to; what is in view stays", () => {
  assert.deepEqual([-900, -1, 400].map((top) => scrolled(top).length), [1, 1, 1])
  assert.deepEqual([0, 60, 399].map((top) => scrolled(top).length), [0, 0, 0])
  showTop(null)
})

test("whoever wants no motion gets none", () => {
  assert.deepEqual(scrolled(-1), [{ block: "start", behavior: "smooth" }])
  isCalm = true
  assert.deepEqual(scrolled(-1), [{ block: "start", behavior: "auto" }])
  isCalm = false
})
