// Marking a stretch of a text, and the strips below what was found.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Marking } from "../../assets/js/search/marking.js"
import { columns, gradient, runs, strength } from "../../assets/js/search/strips.js"

const shown = (more = {}) => ({ start: 100, stop: 300, most: 50, mark: null, answered: 0, ...more })

function marking(more) {
  const made = new Marking(() => 0)
  made.take(shown(more))
  return made
}

test("a mouse marks from where it went down to where it is, in either direction, and is done when it is let go", () => {
  const hand = marking()
  assert.equal(hand.press(120), false)
  hand.over(124)
  assert.deepEqual(hand.mark, { from: 120, to: 125 })
  hand.over(117)
  assert.deepEqual(hand.mark, { from: 117, to: 121 })
  assert.equal(hand.release(), true)
  assert.deepEqual(hand.told(), { from: 117, to: 121, turn: 1 })
  assert.equal(hand.isPending, false)
})

test("a mouse that moves without its button marks nothing, and letting go twice tells nothing again", () => {
  const hand = marking()
  hand.over(130)
  assert.equal(hand.mark, null)
  assert.equal(hand.release(), false)
  hand.press(110)
  assert.equal(hand.release(), true)
  assert.equal(hand.release(), false)
  assert.deepEqual(hand.mark, { from: 110, to: 111 })
})

test("Shift and a click mark on from where the last mark began", () => {
  const hand = marking()
  hand.press(110)
  hand.release()
  hand.press(115, { extends: true })
  hand.release()
  assert.deepEqual(hand.told(), { from: 110, to: 116, turn: 2 })
})

test("a finger sets one end, then the other, in any order", () => {
  const hand = marking()
  assert.equal(hand.press(140, { isTouch: true }), false)
  assert.equal(hand.hand, "half")
  assert.deepEqual(hand.mark, { from: 140, to: 141 })
  hand.over(150)  // the page is scrolled
  assert.equal(hand.release(), false)
  assert.equal(hand.press(133, { isTouch: true }), true)
  assert.deepEqual(hand.told(), { from: 133, to: 141, turn: 1 })
  assert.equal(hand.hand, "rest")
})

test("arrow keys move, with Shift they mark, and Enter searches", () => {
  const hand = marking()
  hand.move(hand.cursor + 3, false)
  assert.equal(hand.mark, null)
  hand.move(hand.cursor + 1, true)
  hand.move(hand.cursor + 1, true)
  assert.deepEqual(hand.mark, { from: 103, to: 106 })
  assert.equal(hand.isPending, true)
  assert.equal(hand.enter(), true)
  assert.deepEqual(hand.told(), { from: 103, to: 106, turn: 1 })
})

test("Enter without a mark takes the token under the cursor", () => {
  const hand = marking()
  hand.move(107, false)
  hand.enter()
  assert.deepEqual(hand.mark, { from: 107, to: 108 })
})

test("Escape, and an arrow key without Shift, give up what was not searched for yet", () => {
  const hand = marking({ mark: { from: 200, to: 204 } })
  hand.move(110, false)
  hand.move(115, true)
  hand.cancel()
  assert.deepEqual(hand.mark, { from: 200, to: 204 })
  hand.move(120, true)
  hand.move(121, false)
  assert.deepEqual(hand.mark, { from: 200, to: 204 })
})

test("no key and no hand leaves what is shown, and no stretch is longer than may be", () => {
  const hand = marking()
  hand.move(50, false)
  assert.equal(hand.cursor, 100)
  hand.move(999, false)
  assert.equal(hand.cursor, 299)
  hand.press(120)
  hand.over(290)
  assert.deepEqual(hand.mark, { from: 120, to: 170 })
  hand.over(0)
  assert.deepEqual(hand.mark, { from: 100, to: 121 })
})

test("another passage drops what was begun and puts the cursor where its mark begins", () => {
  const hand = marking()
  hand.press(120, { isTouch: true })
  hand.take(shown({ start: 400, stop: 600, mark: { from: 450, to: 455 } }))
  assert.equal(hand.hand, "rest")
  assert.equal(hand.cursor, 450)
  assert.deepEqual(hand.mark, { from: 450, to: 455 })
})

test("an answer to an older mark changes nothing, the newest one's does, and a lost one is given up", () => {
  let now = 0
  const hand = new Marking(() => now)
  hand.take(shown())
  hand.press(110)
  hand.release()
  hand.press(115)
  hand.release()
  hand.take(shown({ mark: { from: 110, to: 111 }, answered: 1 }))
  assert.deepEqual(hand.mark, { from: 115, to: 116 })
  hand.take(shown({ mark: { from: 115, to: 116 }, answered: 2 }))
  hand.take(shown({ answered: 2 }))  // the page has taken it back
  assert.equal(hand.mark, null)
  hand.press(130)
  hand.release()
  now = 20000
  hand.take(shown({ answered: 2 }))
  assert.equal(hand.mark, null)
})

test("a wide sign takes two columns", () => {
  assert.equal(columns("tide"), 4)
  assert.equal(columns("雨季，a"), 7)
  assert.equal(columns("⏎"), 1)
})

test("a track's equal tokens become one piece, as wide as they are", () => {
  assert.deepEqual(runs("0099-9", [1, 2, 1, 1, 1, 1]), [
    { from: 0, to: 3, share: 0 }, { from: 3, to: 5, share: 1 }, { from: 5, to: 6, share: null },
    { from: 6, to: 7, share: 1 },
  ])
  assert.match(gradient(runs("09", [1, 1])), /var\(--track\) 0%, transparent\) 0ch 1ch, .*100%, transparent\) 1ch 2ch/)
})

test("more units colour a token more and underline it more, none not at all", () => {
  assert.deepEqual(strength(0, 9), { share: 0, line: 0 })
  assert.equal(strength(1, 9).line, 1)
  assert.deepEqual(strength(9, 9), { share: 1, line: 3 })
  assert.deepEqual(strength(0, 0), { share: 0, line: 0 })
})
