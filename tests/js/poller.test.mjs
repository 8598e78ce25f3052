// The poller's law: never two polls at once, and what is handed on, put together, is the history.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Locked } from "../../assets/js/core/history.js"
import { Poller } from "../../assets/js/core/poller.js"

// Time that passes when it is told to.
class Clock {
  now = 0
  #timers = []
  setTimeout = (call, wait) => {
    const timer = { call, at: this.now + wait }
    this.#timers.push(timer)
    return timer
  }
  clearTimeout = (timer) => { this.#timers = this.#timers.filter((other) => other !== timer) }
  async pass(ms) {
    const end = this.now + ms
    for (;;) {
      await settled()
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.now = next.at
      this.clearTimeout(next)
      next.call()
    }
    this.now = end
  }
}

const settled = () => new Promise((done) => setImmediate(done))  // every promise that can go on has gone on

// A run on a server: points that grow, taken back to a checkpoint, ended.
class Server {
  points = []
  revision = 0
  status = "running"
  isDown = false
  isLocked = false
  asked = 0
  atOnce = 0
  most = 0
  constructor(clock, wait = () => 10) { this.clock = clock; this.wait = wait }
  ask = async (after, signal) => {
    this.asked++
    this.most = Math.max(this.most, ++this.atOnce)
    try {
      await new Promise((done, fail) => {
        signal.addEventListener("abort", () => fail(new Error("aborted")))
        this.clock.setTimeout(done, this.wait())
      })
      if (this.isDown) throw new Error("down")
      if (this.isLocked) throw new Locked()
      if (this.status === "deleted") return null
      return { status: this.status, revision: this.revision, cursor: this.points.length,
               steps: { epoch: this.points.slice(after) } }
    } finally {
      this.atOnce--
    }
  }
}

function follow(server, clock, more = {}) {
  const seen = { points: [], restarts: 0, lost: [], locked: [], deleted: 0 }
  const poller = new Poller({
    ask: server.ask, clock, isHidden: () => false,
    take: ({ steps }, isRestart) => {
      if (isRestart) { seen.points = []; seen.restarts++ }
      seen.points.push(...steps.epoch)
    },
    lost: (isLost, isLocked) => { seen.lost.push(isLost); seen.locked.push(isLocked) },
    deleted: () => seen.deleted++,
    ...more,
  })
  return { poller, seen }
}

function randoms(seed) {  // a small generator of one's own: the same numbers at every run
  let state = seed
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
}

test("whatever happens, there are never two polls at once and nothing is lost or told twice", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = randoms(seed), clock = new Clock(), server = new Server(clock, () => 1500 * random() ** 3)
    const { poller, seen } = follow(server, clock)
    let made = 0  // every point is another one: a rewound curve is not what it was
    poller.poke()
    for (let i = 0; i < 80; i++) {
      const dice = random()
      if (dice < 0.5) server.points.push(made++)
      else if (dice < 0.65) poller.poke()
      else if (dice < 0.75) server.isDown = !server.isDown
      else if (dice < 0.8) { server.points = server.points.slice(0, -2); server.revision++ }
      await clock.pass(600 * random())
    }
    server.isDown = false
    await clock.pass(60_000)
    assert.deepEqual(seen.points, server.points, `while it trains, seed ${seed}`)
    server.status = "finished"
    await clock.pass(60_000)
    assert.deepEqual(seen.points, server.points, `seed ${seed}`)
    assert.equal(server.most, 1, `seed ${seed}`)
    const asked = server.asked
    await clock.pass(60_000)
    assert.equal(server.asked, asked, "nothing is asked of a run that has ended")
  }
})

test("a run that was taken back while it trains is read anew", async () => {
  const clock = new Clock(), server = new Server(clock)
  const { poller, seen } = follow(server, clock)
  server.points = [1, 2, 3]
  poller.poke()
  await clock.pass(100)
  server.points = [1, 22]
  server.revision++
  await clock.pass(2500)
  assert.deepEqual([seen.points, seen.restarts], [[1, 22], 1])
})

test("until the first point a run is asked four times a second, then once", async () => {
  const clock = new Clock(), server = new Server(clock, () => 0)
  const { poller } = follow(server, clock)
  poller.poke()
  await clock.pass(1010)
  assert.equal(server.asked, 5)
  server.points = [1]
  await clock.pass(300)
  const asked = server.asked
  await clock.pass(3000)
  assert.equal(server.asked, asked + 3)
})

test("what could not be drawn is told and read anew", async () => {
  const clock = new Clock(), server = new Server(clock), points = []
  let isBroken = true
  const { poller } = follow(server, clock, { take: ({ steps }, isRestart) => {
    if (isRestart) points.length = 0
    points.push(...steps.epoch)
    if (isBroken) throw new Error("drawing")
  } })
  server.points = [1, 2]
  const { error } = console, told = []
  console.error = (problem) => told.push(problem.message)
  try {
    poller.poke()
    await clock.pass(100)
    isBroken = false
    await clock.pass(5000)
  } finally {
    console.error = error
  }
  assert.deepEqual([points, told], [[1, 2], ["drawing"]])
})

test("pokes during a poll make one more, right after it", async () => {
  const clock = new Clock(), server = new Server(clock, () => 100)
  const { poller } = follow(server, clock)
  poller.poke()
  await clock.pass(50)
  for (let i = 0; i < 5; i++) poller.poke()
  assert.equal(server.asked, 1)
  await clock.pass(51)
  assert.equal(server.asked, 2)
  await clock.pass(110)
  assert.equal(server.asked, 2)
})

test("a server that does not answer is asked less and less often, and told at every failure", async () => {
  const clock = new Clock(), server = new Server(clock, () => 0)
  server.isDown = true
  const { poller, seen } = follow(server, clock), asked = []
  poller.poke()
  for (const wait of [0, 3000, 6000, 12000, 12000]) {
    await clock.pass(wait)
    asked.push(server.asked)
  }
  assert.deepEqual(asked, [1, 2, 3, 4, 5])
  assert.deepEqual(seen.lost, [true, true, true, true, true])
  server.isDown = false
  server.points = [1]
  await clock.pass(12_000)
  assert.deepEqual([seen.lost.at(-1), seen.points], [false, [1]])
})

test("a server whose database is locked is told as such, and asked as often as before", async () => {
  const clock = new Clock(), server = new Server(clock, () => 0)
  server.isLocked = true
  const { poller, seen } = follow(server, clock), asked = []
  poller.poke()
  for (const wait of [0, 3000, 3000, 3000]) {
    await clock.pass(wait)
    asked.push(server.asked)
  }
  assert.deepEqual(asked, [1, 2, 3, 4])
  assert.deepEqual([seen.lost, seen.locked], [[true, true, true, true], [true, true, true, true]])
  server.isLocked = false
  server.points = [1]
  await clock.pass(3000)
  assert.deepEqual([seen.lost.at(-1), seen.locked.at(-1), seen.points], [false, false, [1]])
})

test("a poll that nobody answers is given up after a while", async () => {
  const clock = new Clock(), server = new Server(clock, () => 1e9)
  const { poller, seen } = follow(server, clock)
  poller.poke()
  await clock.pass(14_999)
  assert.deepEqual(seen.lost, [])
  await clock.pass(2)
  assert.deepEqual(seen.lost, [true])
  assert.equal(server.atOnce, 0)
})

test("a run that ends after it has grown is read anew once, as everybody sees it", async () => {
  const clock = new Clock(), server = new Server(clock)
  const { poller, seen } = follow(server, clock)
  server.points = [1, 2]
  poller.poke()
  await clock.pass(20)
  server.points.push(3)
  server.status = "finished"
  await clock.pass(1100)
  assert.deepEqual([seen.points, seen.restarts], [[1, 2, 3], 1])
  poller.poke()
  await clock.pass(1000)
  assert.equal(seen.restarts, 1)
})

test("a run that had ended when it was opened is read once", async () => {
  const clock = new Clock(), server = new Server(clock)
  server.points = [1, 2, 3]
  server.status = "stopped"
  const { poller, seen } = follow(server, clock)
  poller.poke()
  await clock.pass(5000)
  assert.deepEqual([server.asked, seen.points, seen.restarts], [1, [1, 2, 3], 0])
})

test("a stopped poller throws an answer away that is under way, and asks no more", async () => {
  const clock = new Clock(), server = new Server(clock, () => 100)
  server.points = [1]
  const { poller, seen } = follow(server, clock)
  poller.poke()
  await clock.pass(50)
  poller.stop()
  poller.poke()
  await clock.pass(10_000)
  assert.deepEqual([server.asked, seen.points, seen.lost], [1, [], []])
})

test("a deleted run is told once and asked for no more", async () => {
  const clock = new Clock(), server = new Server(clock)
  server.status = "deleted"
  const { poller, seen } = follow(server, clock)
  poller.poke()
  poller.poke()
  await clock.pass(30_000)
  assert.deepEqual([server.asked, seen.deleted], [1, 1])
})

test("while nobody looks nothing is asked", async () => {
  const clock = new Clock(), server = new Server(clock)
  let isHidden = true
  const { poller } = follow(server, clock, { isHidden: () => isHidden })
  poller.poke()
  await clock.pass(5000)
  assert.equal(server.asked, 0)
  isHidden = false
  poller.poke()
  await clock.pass(100)
  assert.equal(server.asked, 1)
  isHidden = true
  await clock.pass(10_000)
  assert.equal(server.asked, 1)
})

test("who looks again is shown what is new: of a run not yet asked for, of one that goes on, of one that has ended not", async () => {
  const clock = new Clock(), server = new Server(clock, () => 0)
  let isHidden = true
  const { poller } = follow(server, clock, { isHidden: () => isHidden })
  const look = async () => { isHidden = false; poller.wake(); await clock.pass(1); isHidden = true }
  poller.poke()  // opened in a tab behind another
  await look()
  assert.equal(server.asked, 1)
  await clock.pass(10_000)
  await look()
  assert.equal(server.asked, 2)
  server.status = "finished"
  await look()
  assert.equal(server.asked, 3)
  await look()
  assert.equal(server.asked, 3)
  poller.poke()  // it was resumed while nobody looked
  await clock.pass(1)
  await look()
  assert.equal(server.asked, 4)
})
