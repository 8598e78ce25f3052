// A text that the server has no turn for waits as long as it is told, and begins by itself.
import assert from "node:assert/strict"
import { test } from "node:test"

import { inTurn } from "../../assets/js/write/turn.js"

const settled = () => new Promise((done) => setImmediate(done))

// Time that is passed by hand.
class Clock {
  timers = []
  setTimeout = (call, wait) => {
    const timer = { call, wait }
    this.timers.push(timer)
    return timer
  }
  clearTimeout = (timer) => { this.timers = this.timers.filter((other) => other !== timer) }
  async ring() {
    this.timers.shift().call()
    await settled()
  }
}

const tooMany = (seconds) => new Response("", { status: 429, headers: seconds ? { "retry-after": seconds } : {} })

test("it waits as long as the server says, and a little longer than the others", async () => {
  const clock = new Clock(), told = [], answers = [tooMany("3"), tooMany("7"), new Response("the text")]
  const answer = inTurn(async () => answers.shift(), {
    signal: new AbortController().signal, waits: (isWaiting) => told.push(isWaiting), clock, random: () => 0.5,
  })
  await settled()
  assert.deepEqual(clock.timers.map(({ wait }) => wait), [3750])
  await clock.ring()
  assert.deepEqual(clock.timers.map(({ wait }) => wait), [8750])
  await clock.ring()
  assert.equal(await (await answer).text(), "the text")
  assert.deepEqual(told, [true, true, false])
})

for (const [said, seconds] of [[undefined, 2], ["soon", 2], ["-1", 2], ["86400", 60]]) {
  test(`a server that says ${said} is asked again after ${seconds} s`, async () => {
    const clock = new Clock(), answers = [tooMany(said), new Response()]
    inTurn(async () => answers.shift(), { signal: new AbortController().signal, waits() {}, clock, random: () => 0 })
    await settled()
    assert.deepEqual(clock.timers.map(({ wait }) => wait), [seconds * 1000])
  })
}

for (const status of [200, 400, 404, 500]) {
  test(`an answer of ${status} is handed on at once`, async () => {
    const answer = await inTurn(async () => new Response("", { status }), {
      signal: new AbortController().signal, waits: (isWaiting) => assert.equal(isWaiting, false), clock: new Clock(),
    })
    assert.equal(answer.status, status)
  })
}

test("a text that is taken away waits no longer and asks no more", async () => {
  const clock = new Clock(), abort = new AbortController()
  let asked = 0
  const answer = inTurn(async () => { asked++; return tooMany("9") }, { signal: abort.signal, waits() {}, clock })
  await settled()
  abort.abort()
  await assert.rejects(answer, { name: "AbortError" })
  assert.deepEqual([asked, clock.timers], [1, []])
})
