// The wall: what is on it, in which order, and what its small curves are.
import assert from "node:assert/strict"
import { test } from "node:test"

import { called } from "../../assets/js/core/people.js"
import { Cards, chips, counts, differing, matching, ordered, settingText, stateText, usual } from "../../assets/js/wall/cards.js"
import { Follower } from "../../assets/js/core/follower.js"
import { Asked } from "../../assets/js/wall/asked.js"
import { path, sketch } from "../../assets/js/wall/sparkline.js"

const card = (id, more = {}) => ({ id, name: id, owner: null, status: "running", trouble: null, caveat: null, place: null, created_at: 0, train_loss: null,
                                   heldout_loss: null, settings: {}, ...more })
const ids = (cards) => cards.map(({ id }) => id)

test("answers put together are the wall: changed cards replace, and what is gone goes", () => {
  const cards = new Cards()
  cards.take({ cursor: 5, ids: ["b", "a"], left_off: 0, is_held: false, cards: [card("a"), card("b")] })
  cards.take({ cursor: 6, ids: ["c", "a"], left_off: 2, is_held: true, cards: [card("a", { name: "new" }), card("c")] })
  assert.deepEqual(cards.all().map(({ name }) => name), ["c", "new"])
  assert.deepEqual([cards.cursor, cards.leftOff, cards.isHeld], [6, 2, true])
})

test("what needs a look comes first, the worst before, then what is under way; else as it came", () => {
  const cards = [card("ended", { status: "finished" }), card("waits", { status: "queued" }), card("stuck", { trouble: "stuck" }),
                 card("trains"), card("failed", { status: "failed", trouble: "failed" }), card("trains too")]
  assert.deepEqual(ids(ordered(cards, "trouble")), ["failed", "stuck", "trains", "trains too", "waits", "ended"])
  assert.equal(cards[0].id, "ended")
})

test("other orders: perplexity by the held-out loss, those without one last; owner by name", () => {
  const cards = [card("none"), card("bad", { train_loss: 3 }), card("good", { train_loss: 4, heldout_loss: 1 })]
  assert.deepEqual(ids(ordered(cards, "perplexity")), ["good", "bad", "none"])
  const marked = [card("trap", { heldout_loss: .1, caveat: "trap" }), card("blanks", { train_loss: .5, caveat: "blanks" }), ...cards]
  assert.deepEqual(ids(ordered(marked, "perplexity")), ["good", "bad", "none", "trap", "blanks"])
  const owned = [card("z", { owner: { name: "Zoe", number: 1 } }), card("g2", { owner: { name: "", number: 2 } }),
                 card("a", { owner: { name: "Ali", number: 9 } }), card("g1", { owner: { name: "", number: 1 } })]
  assert.deepEqual(ids(ordered(owned, "owner")), ["g1", "g2", "a", "z"])
  assert.deepEqual(ids(ordered([card("old"), card("new", { created_at: 9 })], "newest")), ["new", "old"])
})

test("under a hand nothing moves: what was shown keeps its place, what is new comes last", () => {
  const cards = [card("new"), card("b", { trouble: "failed" }), card("a")]
  assert.deepEqual(ids(ordered(cards, "trouble", ["a", "gone", "b"])), ["a", "b", "new"])
})

test("settings that differ among those that are shown", () => {
  const cards = [card("a", { settings: { lr: 1, cell: "lstm", tau: null } }), card("b", { settings: { lr: 1, cell: "gru", tau: 2 } })]
  assert.deepEqual([...differing(cards)], ["cell", "tau"])
  assert.deepEqual([...differing(cards.slice(1))], [])
  assert.deepEqual([...differing([])], [])
})

test("usual is what most of the cards have; where two are as common, neither is", () => {
  const cards = [1, 1, 2].map((lr, i) => card(String(i), { settings: { lr, cell: ["a", "b", "c"][i], tau: 5 } }))
  assert.deepEqual([...usual(cards)], [["lr", "1"]])
  assert.deepEqual([...usual(cards.slice(1))], [])
})

test("a search keeps the cards that hold all its words", () => {
  assert.deepEqual(ids(matching([card("LSTM 64"), card("GRU 64")], " 64 lstm", ({ name }) => name)), ["LSTM 64"])
})

test("an owner is called by their name, else by their number; nobody is the machine's owner", () => {
  const words = { machine: "the server", guest: "Guest", guest_n: "Guest {n}" }
  const owners = [null, { name: "Mei", number: 3 }, { name: "", number: 3 }, { name: "", number: null }]
  assert.deepEqual(owners.map((owner) => called(owner, words)), ["the server", "Mei", "Guest 3", "Guest"])
})

const labels = { statuses: { running: "training", starting: "starting", queued: "waiting", paused: "paused", interrupted: "interrupted" },
                 troubles: { exploded: "exploded" }, place: "waiting, place {n}", in_turns: "training, in turns" }

test("counts say what the cards say: who waits for the next turn trains, who waits for the first waits", () => {
  const cards = [card("trains"), card("begins", { status: "starting" }), card("between turns", { place: 1 }), card("waits", { status: "queued", place: 2 }),
                 card("paused", { status: "paused", trouble: "exploded" }), card("lost", { status: "interrupted", trouble: "failed" })]
  assert.deepEqual(cards.map((card) => stateText(card, labels)), ["training", "starting", "training, in turns", "waiting, place 2",
                                                                  "⚠ exploded", "⚠ interrupted"])
  assert.deepEqual(counts(cards), { trouble: 2, running: 3, queued: 1, paused: 1 })
})

test("settings are told in the Train page's words, and what a person typed in quotes", () => {
  const settings = { bidirectional: { label: "Two directions", words: { false: "off", null: "off", "": "" }, alone: { true: "Two directions" } },
                     epochs: { label: "Epochs", words: { false: "off", null: "off" }, alone: { null: "Until stopped" } },
                     sample_prefix: { label: "Prefix", words: { "": "the beginning" }, alone: {} },
                     cell: { label: "Cell", words: { lstm: "LSTM" }, alone: {} } }
  const text = (name, value) => settingText(name, value, settings, { a: "Rain" })
  assert.deepEqual([text("bidirectional", true), text("bidirectional", false), text("epochs", null), text("epochs", 5000)],
                   ["Two directions", "Two directions off", "Until stopped", "Epochs 5,000"])
  assert.deepEqual([text("sample_prefix", ""), text("sample_prefix", "constructor"), text("cell", "lstm"), text("corpus", "a"), text("corpus", "b")],
                   ["Prefix the beginning", "Prefix “constructor”", "Cell LSTM", "Rain", "b"])
})

test("where there are more chips than room the last one counts the rest, and names it to whoever points at it", () => {
  const plain = (told, most) => chips(told, most).map(({ text, title }) => (title ? [text, title] : text))
  assert.deepEqual(plain(["a", "b", "c"], 3), ["a", "b", "c"])
  assert.deepEqual(plain(["a", "b", "c", "d"], 3), ["a", "b", ["+ 2", "c · d"]])
  assert.deepEqual(plain([], 3), [])
})

test("what texts are called is kept from answer to answer", () => {
  const cards = new Cards(), empty = { ids: [], left_off: 0, is_held: false, cards: [] }
  cards.take({ ...empty, cursor: 1, texts: { a: "Rain" } })
  cards.take({ ...empty, cursor: 2, texts: { b: "Tides" } })
  assert.deepEqual(cards.texts, { a: "Rain", b: "Tides" })
})

const BOX = { epochs: 2, top: 4, width: 100, height: 40 }

test("a path goes from left to right, a low loss at the bottom, and what is above stands at the edge", () => {
  assert.equal(path({ epoch: [0, 1, 2], loss: [4, 2, 0] }, BOX), "M0.0 0.0L50.0 20.0L100.0 40.0")
  assert.equal(path({ epoch: [1], loss: [99] }, BOX), "M50.0 0.0")
  assert.equal(path({ epoch: [], loss: [] }, BOX), "")
})

test("a path is broken where there is no number", () => {
  assert.equal(path({ epoch: [0, 1, 2], loss: [2, null, 2] }, BOX), "M0.0 20.0M100.0 20.0")
})

test("both curves of a card share their axes, and a loss above guessing is marked", () => {
  const curves = { train: { epoch: [0.5, 1], loss: [3, 2] }, heldout: { epoch: [1], loss: [2] } }
  const drawn = sketch({ ...curves, guessing: 3 }, 100, 40)
  assert.equal(drawn.train.split("L")[1], drawn.heldout.slice(1))
  assert.equal(drawn.isBeyond, false)
  assert.ok(drawn.guessing > 0 && drawn.guessing < 5)
  assert.equal(sketch({ ...curves, guessing: 1 }, 100, 40).isBeyond, true)
  assert.deepEqual(sketch({ train: { epoch: [], loss: [] }, heldout: { epoch: [], loss: [] }, guessing: null }, 100, 40),
    { train: "", heldout: "", guessing: null, isBeyond: false })
})

function clockwork() {
  const waiting = []
  return { waiting, setTimeout: (call, ms) => { waiting.push({ call, ms }); return waiting.at(-1) },
           clearTimeout: (timer) => { const i = waiting.indexOf(timer); if (i >= 0) waiting.splice(i, 1) } }
}
const settled = () => new Promise((done) => setImmediate(done))

test("a follower asks once at a time, calmly, and more seldom while nobody answers", async () => {
  const clock = clockwork(), taken = [], answers = [1, new Error(), new Error(), 2]
  let asked = 0, lost = 0
  const follower = new Follower({
    ask: async () => { const answer = answers[asked++]; if (answer instanceof Error) throw answer; return answer },
    take: (answer) => taken.push(answer), lost: (isLost) => { lost += isLost }, clock,
  })
  follower.wake()
  follower.wake()
  const waits = []
  for (let i = 0; i < 4; i++) {
    await settled()
    assert.equal(asked, i + 1)
    assert.equal(clock.waiting.length, 1)
    waits.push(clock.waiting[0].ms)
    clock.waiting.shift().call()
  }
  assert.deepEqual(waits, [1000, 3000, 6000, 1000])
  assert.deepEqual([taken, lost], [[1, 2], 2])
})

test("a follower asks nothing while nobody looks, nor after its end", async () => {
  const clock = clockwork()
  const page = Object.assign(new EventTarget(), { hidden: true })
  let asked = 0
  const follower = new Follower({ ask: async () => ++asked, take: () => {}, lost: () => {}, page, clock })
  follower.wake()
  await settled()
  assert.equal(asked, 0)
  page.hidden = false
  page.dispatchEvent(new Event("visibilitychange"))
  await settled()
  assert.equal(asked, 1)
  follower.stop()
  clock.waiting.forEach(({ call }) => call())
  follower.wake()
  page.dispatchEvent(new Event("visibilitychange"))
  await settled()
  assert.equal(asked, 1)
})

test("a run that was asked to stop waits for the answer, and can be asked again once it was refused", () => {
  const asked = new Asked()
  asked.told({})
  asked.ask("a")
  asked.ask("b")
  assert.deepEqual([asked.waits("a"), asked.waits("b"), asked.waits("c")], [true, true, false])
  asked.told({ a: 1 })
  assert.deepEqual([asked.waits("a"), asked.waits("b")], [false, true])
  asked.ask("a")
  asked.told({ a: 1 })  // another rerun, before the answer
  assert.equal(asked.waits("a"), true)
  asked.told({ a: 2 })
  assert.equal(asked.waits("a"), false)
})

test("a run that has ended waits for no answer, also when it goes on later", () => {
  const asked = new Asked()
  asked.ask("a")
  asked.settle("a")
  assert.equal(asked.waits("a"), false)
})
