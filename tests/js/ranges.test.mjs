// How far the live charts' axes reach.
import assert from "node:assert/strict"
import { test } from "node:test"

import { LiveCharts } from "../../assets/js/live/charts.js"
import { Extent, normRange, perplexityRange } from "../../assets/js/live/ranges.js"

const extent = (...ys) => { const made = new Extent(); made.add(ys.map((_, i) => i), ys); return made }
const PLOT = 240  // pixels of an axis
const LINE = 14   // of a label

test("a run that learns has guessing's line and 1 on its axis, each with room for its label", () => {
  for (const guessing of [5, 28, 64, 2000, 60_000]) {
    for (const most of [2, guessing, 1.2 * guessing, 8 * guessing]) {
      const { range: [low, high], isCut } = perplexityRange(extent(1.05, most), extent(1.05, most), guessing, false)
      const pixels = (power) => PLOT * power / (high - low)
      assert.ok(!isCut)
      assert.ok(high > Math.log10(most))
      assert.ok(pixels(-low) >= LINE, `below 1: ${pixels(-low)} at ${guessing}`)
      assert.ok(pixels(high - Math.log10(guessing)) >= LINE, `above guessing: ${pixels(high - Math.log10(guessing))}`)
    }
  }
})

test("an exploded twin is cut at ten times guessing, and is seen whole when that is asked for", () => {
  const cut = perplexityRange(extent(3, 1e27), extent(3, 40), 28, false)
  assert.deepEqual([cut.isCut, cut.range[1]], [true, Math.log10(280)])
  const whole = perplexityRange(extent(3, 1e27), extent(3, 40), 28, true)
  assert.equal(whole.isCut, false)
  assert.ok(whole.range[1] > 27)
})

test("what the run itself does is seen up to a thousand times guessing, whatever its twin does", () => {
  const bad = perplexityRange(extent(3, 1e27), extent(3, 2971), 28, false)
  assert.deepEqual([bad.isCut, bad.range[1]], [true, Math.log10(2971)])
  const alone = perplexityRange(extent(3, 2971), extent(3, 2971), 28, false)
  assert.equal(alone.isCut, false)
  assert.ok(alone.range[1] > Math.log10(2971))
  const gone = perplexityRange(extent(3, 1e27), extent(3, 1e27), 28, false)
  assert.deepEqual([gone.isCut, gone.range[1]], [true, Math.log10(28_000)])
})

test("labels keep off each other's line at any range: one below 1, one above guessing", () => {
  for (const most of [64, 1e4, 1e27, 1e300]) {
    const { range: [low, high] } = perplexityRange(extent(most), extent(most), 64, true)
    const pixels = (power) => PLOT * power / (high - low)
    assert.ok(pixels(-low) >= LINE && pixels(high - Math.log10(64)) >= LINE)
  }
})

test("before anything is known of the text an axis still has a length", () => {
  const { range: [low, high] } = perplexityRange(new Extent(), new Extent(), null, false)
  assert.ok(low < 0 && high > 0 && Number.isFinite(high))
  const norm = normRange(new Extent(), null, false).range
  assert.ok(norm.every(Number.isFinite) && norm[0] < norm[1])
})

test("a hand can drag θ to four times where it stands", () => {
  for (const [limit, norms] of [[1, [0.1, 0.9]], [0.01, [2, 5]], [100, [0.5]]]) {
    const { range: [low, high] } = normRange(extent(...norms), limit, false)
    assert.ok(high >= Math.log10(4 * limit) - 0.01 && low < Math.log10(Math.min(limit, ...norms)))
  }
})

test("a gradient a thousand times θ is only longer; the smallest are six decades below", () => {
  const { range, isCut } = normRange(extent(1e-12, 1e9), 1, false)
  assert.deepEqual([isCut, range], [true, [-3, 3]])
  assert.deepEqual(normRange(extent(1e-12, 1e9), 1, true).range[0] < -12, true)
})

test("points without a number count for nothing", () => {
  const made = extent(null, 3, NaN, 0, 7)
  assert.deepEqual([made.least, made.most, made.last], [3, 7, 4])
})

test("a zoom on one chart is the other's too, stays while points come, and is given back at a wish", async () => {
  const layout = () => ({ xaxis: {}, yaxis: {} }), listeners = {}
  const chart = (name) => ({ name, data: [0, 1, 2, 3].map(() => ({ x: [], y: [] })), layout: layout(), setAttribute() {} })
  const root = { querySelector: (query) => chart(query.slice(1)) }
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "#123456" })
  globalThis.matchMedia = () => ({ matches: false })
  const Plotly = {
    extendTraces() {},
    relayout(drawn, event) {
      for (const [key, value] of Object.entries(event)) drawn.layout[key.split(".")[0]].range = value
      return Promise.resolve().then(() => listeners[drawn.name](event))  // as Plotly does: it tells later
    },
  }
  const plot = { Plotly, config: {}, react: (drawn, traces, made, { on }) => {
    drawn.layout = made
    listeners[drawn.name] = on.plotly_relayout
  } }
  const charts = new LiveCharts(root, plot), figure = () => ({ data: [], layout: layout() })
  const draw = () => charts.draw({ figures: { perplexity: figure(), norm: figure() }, run: "a", threshold: {}, guessing: 28,
                                   limit: 1, shapes: { perplexity: [], norm: [] }, drawn() {} })
  const points = (n) => ({ steps: { epoch: [n], loss: [3], norm: [0.5] }, epochs: { epoch: [], train: [], heldout: [] }, metrics: { limit: 1 } })
  const { perplexity, norm } = charts.charts, x = () => [perplexity.layout.xaxis.range, norm.layout.xaxis.range]
  draw()
  charts.extend(points(8), {})
  assert.deepEqual(x(), [[0, 8], [0, 8]])
  norm.layout.xaxis.range = [2, 4]
  listeners.norm({ "xaxis.range[0]": 2, "xaxis.range[1]": 4 })
  await new Promise((done) => setTimeout(done))
  charts.extend(points(9), {})
  draw()
  assert.deepEqual(x(), [[2, 4], [2, 4]])
  listeners.perplexity({ "xaxis.autorange": true, "yaxis.autorange": true })
  await new Promise((done) => setTimeout(done))
  assert.deepEqual(x(), [[0, 9], [0, 9]])
})
