// Every panel's script: brings the panel's module once, hands it what is newest, and lets it go.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { beforeEach, mock, test } from "node:test"

import { at } from "../../assets/js/core/server.js"

const source = readFileSync(new URL("../../assets/js/bootstrap.js", import.meta.url), "utf8")
const settled = () => new Promise((done) => setTimeout(done, 20))
const counted = (globalThis.counted = { imports: [], mounts: [], updates: [], unmounts: 0 })

// A module that says what happens to it, at an address of its own.
const panel = (address) => `data:text/javascript,${encodeURIComponent(`
  counted.imports.push(${JSON.stringify(address)})
  export function mount(parent) {
    counted.mounts.push(parent)
    return { update: (component) => counted.updates.push(component.data.n), unmount: () => counted.unmounts++ }
  }`)}`

// The script with its imports led to modules of our own: a data: address has no server.
async function fresh(find) {
  globalThis.findModule = find
  const led = source.replace("import(", "importFrom(")
  assert.notEqual(led, source)
  globalThis.importFrom = (address) => import(findModule(address))
  return (await import(`data:text/javascript,${encodeURIComponent(`${led}\n// ${Math.random()}`)}`)).default
}

function element() {
  const lost = { hidden: true, textContent: "" }
  return { lost, querySelector: (query) => (query === ".lost" ? lost : null) }
}

const component = (parentElement, n) => ({ parentElement, data: { n, module: "/js/0123456789abcdef/lens.js", lost: "lost" } })

beforeEach(() => {
  Object.assign(counted, { imports: [], mounts: [], updates: [], unmounts: 0 })
  globalThis.document = { querySelector: () => ({ src: "https://school.example/rnn/class1/static/js/index.abc.js" }) }
})

test("called twice before the module has come: one mount, and the newest data", async () => {
  const show = await fresh(panel), parent = element()
  show(component(parent, 1))
  show(component(parent, 2))
  await settled()
  assert.deepEqual([counted.mounts.length, counted.updates], [1, [2]])
  show(component(parent, 3))
  assert.deepEqual([counted.mounts.length, counted.updates], [1, [2, 3]])
  assert.deepEqual(counted.imports, ["https://school.example/rnn/class1/js/0123456789abcdef/lens.js"])
})

test("the end of a call that another one has overtaken ends nothing", async () => {
  const show = await fresh(panel), parent = element()
  const first = show(component(parent, 1)), second = show(component(parent, 2))
  first()
  await settled()
  assert.deepEqual([counted.mounts.length, counted.updates, counted.unmounts], [1, [2], 0])
  second()
  assert.equal(counted.unmounts, 1)
})

test("another version of the module takes the panel's place", async () => {
  const show = await fresh(panel), parent = element(), next = component(parent, 2)
  show(component(parent, 1))
  await settled()
  next.data.module = "/js/fedcba9876543210/lens.js"
  show(next)
  await settled()
  assert.deepEqual([counted.mounts.length, counted.unmounts, counted.updates], [2, 1, [1, 2]])
})

test("gone before the module has come: nothing is mounted", async () => {
  const show = await fresh(panel)
  show(component(element(), 1))()
  await settled()
  assert.deepEqual([counted.mounts.length, counted.unmounts], [0, 0])
})

test("what goes away is unmounted, and what comes again is mounted anew", async () => {
  const show = await fresh(panel), parent = element()
  const end = show(component(parent, 1))
  await settled()
  end()
  assert.equal(counted.unmounts, 1)
  show(component(parent, 2))
  await settled()
  assert.deepEqual([counted.mounts.length, counted.updates], [2, [1, 2]])
})

test("a module that cannot be had is told, and asked for at another address until it comes", async () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  try {
    const asked = [], parent = element()
    const show = await fresh((address) => {
      asked.push(address)
      return asked.length < 3 ? "data:text/javascript,throw new Error('down')" + asked.length : panel(address)
    })
    const soon = () => new Promise((done) => setImmediate(() => setImmediate(() => setImmediate(done))))
    const until = async (condition) => { for (let i = 0; i < 1000 && !condition(); i++) await soon() }
    show(component(parent, 1))
    await until(() => !parent.lost.hidden)
    assert.deepEqual([parent.lost.hidden, parent.lost.textContent], [false, "lost"])
    for (const n of [2, 3]) {
      mock.timers.tick(3000)
      await until(() => asked.length === n)
      await soon()
    }
    await until(() => counted.mounts.length === 1)
    assert.deepEqual(asked.map((address) => address.split("/js/")[1]),
                     ["0123456789abcdef/lens.js", "0123456789abcdef-1/lens.js", "0123456789abcdef-2/lens.js"])
    assert.deepEqual([counted.updates, parent.lost.hidden], [[1], true])
  } finally {
    mock.timers.reset()
  }
})

test("a module finds the server's paths from its own address", () => {
  assert.equal(at("/api/runs/1/history"), new URL("../../api/runs/1/history", import.meta.resolve("../../assets/js/x")).href)
})
