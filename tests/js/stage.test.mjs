// The teacher's banner: the page is told once of each change, and of nothing else.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Stage } from "../../assets/js/stage.js"

const settled = () => new Promise((done) => setImmediate(done))

test("a page is told once of what is shown now, and again of the next", async () => {
  const told = [], timers = []
  let version = "0-0"
  const clock = { setTimeout: (call, ms) => { timers.push({ call, ms }); return timers.at(-1) }, clearTimeout: (t) => timers.splice(timers.indexOf(t) >>> 0, 1) }
  const stage = new Stage({ ask: async () => ({ version }), isHidden: () => false, clock })
  const component = (drawn) => ({ data: { path: "/api/stage", version: drawn }, setTriggerValue: (name, value) => told.push([name, value]) })
  const tick = async () => { await settled(); assert.equal(timers[0].ms, 5000); timers.shift().call(); await settled() }
  stage.update(component("0-0"))
  await tick()
  assert.deepEqual(told, [])
  version = "1-0"
  await tick()
  await tick()
  assert.deepEqual(told, [["changed", "1-0"]])
  stage.update(component("1-0"))
  version = "0-0"
  await tick()
  assert.deepEqual(told.at(-1), ["changed", "0-0"])
  stage.unmount()
})
