// The live panel's numbers and words, from the same answer that the server's test makes.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { LiveCharts } from "../../assets/js/live/charts.js"
import { MOST, perplexity, thin } from "../../assets/js/live/curves.js"
import { about, duration, metricTexts, statusText, whyText } from "../../assets/js/live/metrics.js"
import { Report } from "../../assets/js/live/report.js"
import { Samples } from "../../assets/js/live/samples.js"
import { rungs, rungText } from "../../assets/js/live/scoreboard.js"
import { clippedText, moveMarks, thresholdCurve } from "../../assets/js/live/threshold.js"

// What is asked for and not there is an error, not `undefined`.
const strict = (record) => new Proxy(record, {
  get(target, name) {
    if (typeof name === "string" && !(name in target) && name !== "toJSON" && !Array.isArray(target)) throw new Error(`there is no ${name}`)
    const value = target[name]
    return value && typeof value === "object" ? strict(value) : value
  },
})
const example = () => JSON.parse(readFileSync(new URL("history_example.json", import.meta.url), "utf8"))
const labels = strict({
  second: "s", minute: "min", hour: "h", waiting: "waiting, place {n}", busy: "locked for {time}", left: "{time} left",
  status: { queued: "waiting", running: "training", finished: "finished", paused: "paused" },
  turns: { people: "with {n} people", person: "with one person", runs: "with {n} runs", run: "with a run", next: "next in {time}" },
  at_epoch: "epoch {n}", clipped: "{share} clipped to {scale}", none_clipped: "none clipped", unclipped: "off", bits: "{n} bits",
  held: "until all go on", torn: "between {n}", gap: " ", nothing_held: "nothing held", below: "below",
})
const history = (metrics = {}, rest = {}) => {
  const made = example()
  return strict({ ...made, ...rest, metrics: { ...made.metrics, ...metrics } })
}

test("every figure comes from a field that the server sends", () => {
  const made = example()
  assert.deepEqual(metricTexts(strict(made), labels), {
    status: statusText(strict(made), labels), train: "12.2", heldout: "13.5", loss: "2.5",
    speed: "900", epoch: "0 / 4", device: "CPU", train_beside: "", heldout_beside: "" })
  const known = metricTexts(history({ train_bits: 1.234, heldout_bits: null, train_unknown: 0, heldout_unknown: 0.25 }), labels)
  assert.deepEqual([known.train_beside, known.heldout_beside], ["1.23 bits", "<unk> 25.0%"])
  assert.equal(metricTexts(history({ epochs: null }), labels).epoch, "0.7")
  assert.equal(metricTexts(history({ tokens_per_second: 123456.7 }), labels).speed, "123,457")
  const empty = history({ train_loss: null, heldout_loss: null, step_loss: null, tokens_per_second: null, device: null })
  const texts = metricTexts(empty, labels)
  for (const name of ["train", "heldout", "loss", "speed", "device"]) assert.equal(texts[name], "–")
})

test("a status says its place in the queue, the time left, or else the time that it took", () => {
  const text = (status, metrics) => statusText(history({ seconds: 0, seconds_left: null, queue_position: null, ...metrics },
                                                       { status }), labels)
  assert.equal(text("queued", { queue_position: 3 }), "waiting, place 3")
  assert.equal(text("running", { seconds: 5, seconds_left: 61 }), "training · 1 min 1 s left")
  assert.equal(text("finished", { seconds: 3725 }), "finished · 1 h 2 min")
  assert.equal(text("running", {}), "training")
  assert.equal(text("running", { seconds: 5, seconds_left: 61, busy_seconds: 1.9 }), "training · 1 min 1 s left")
  assert.equal(text("running", { seconds: 5, seconds_left: 61, busy_seconds: 25 }), "training · locked for 25 s")
  assert.equal(duration(59.6, labels), "1 min 0 s")
})

test("who takes turns is told with whom, and when the next turn is", () => {
  const text = (status, metrics) => statusText(history({ seconds: 5, seconds_left: null, queue_position: null, ...metrics },
                                                       { status }), labels)
  const waits = { queue_position: 7, turn_seconds: 21.4, people_beside: 12, runs_beside: 14 }
  assert.equal(text("running", waits), "with 12 people · next in 20 s")
  assert.equal(text("running", { ...waits, seconds_left: 97 }), "with 12 people · next in 20 s · 2 min left")
  assert.equal(text("queued", { ...waits, seconds: 0 }), "waiting, place 7 · next in 20 s")
  const trains = { queue_position: null, turn_seconds: 0, people_beside: 1, runs_beside: 2, seconds_left: 7.2 }
  assert.equal(text("running", trains), "training · with one person · 7 s left")
  assert.equal(text("running", { ...trains, people_beside: 0 }), "training · with 2 runs · 7 s left")
  assert.equal(text("running", { ...trains, people_beside: 0, runs_beside: 1 }), "training · with a run · 7 s left")
  assert.equal(text("paused", { ...trains, people_beside: 0, runs_beside: 0, seconds_left: null }), "paused · 5 s")
  assert.equal(text("queued", { queue_position: 2, seconds: 0 }), "waiting, place 2")  // nobody knows when
})

test("while a teacher has paused all runs, who waits is told that and no time", () => {
  const waits = { queue_position: 1, turn_seconds: null, people_beside: 2, runs_beside: 3, is_held: true, seconds_left: null }
  for (const status of ["queued", "running"]) assert.equal(statusText(history(waits, { status }), labels), "until all go on")
  assert.equal(statusText(history({ ...waits, runs_beside: 0 }, { status: "queued" }), labels), "until all go on")
})

test("a time that nobody knows exactly is told in round numbers", () => {
  assert.deepEqual([0, 0.4, 7.4, 22.6, 61, 184, 719].map((s) => about(s, labels)),
                   ["1 s", "1 s", "7 s", "25 s", "1 min", "3 min", "12 min"])
})

test("a thinned curve keeps its first and last bucket's extremes, its order, and no more than was asked for", () => {
  let state = 7
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
  for (const length of [1, 2, 7, 100, 6001]) {
    const xs = Array.from({ length }, (_, i) => i), ys = xs.map(() => random())
    const { x, y } = thin(xs, ys, 25)
    assert.ok(x.length <= 50 && x.length >= 1)
    assert.deepEqual(x, [...x].sort((a, b) => a - b))
    assert.deepEqual(y, x.map((at) => ys[at]), "only points that were there")
    assert.equal(Math.min(...y), Math.min(...ys))
    assert.equal(Math.max(...y), Math.max(...ys))
  }
})

test("a gap is no minimum of a thinned curve, and stays where there is nothing else", () => {
  const thinned = thin([0, 1, 2, 3, 4, 5, 6, 7], [5, null, 4, 9, null, 7, 2, 3], 2)
  assert.deepEqual(thinned, { x: [2, 3, 5, 6], y: [4, 9, 7, 2] })
  assert.deepEqual(thin([0, 1, 2, 3], [null, null, 1, 2], 2), { x: [0, 2, 3], y: [null, 1, 2] })
})

test("every column that the charts draw is one that the server sends, in the trace that is meant", () => {
  const added = [], chart = () => ({ data: [0, 1, 2, 3].map(() => ({ x: [], y: [], few: true })) })
  const root = { querySelector: (query) => Object.assign(chart(), { name: query.slice(1) }) }
  const Plotly = { extendTraces: ({ name }, { x, y }, [i]) => added.push([name, i, x[0].length, y[0].length]) }
  const charts = new LiveCharts(root, { Plotly })
  const made = history(), curve = thresholdCurve(1, made.thresholds, made.metrics.epoch)
  charts.extend(made, curve)
  charts.extendTwin(made)
  assert.deepEqual(added, [["perplexity", 0, 5, 5], ["perplexity", 1, 1, 1], ["perplexity", 2, 1, 1], ["norm", 0, 5, 5],
                           ["perplexity", 3, 5, 5], ["norm", 2, 5, 5]])
  assert.deepEqual(charts.charts.norm.data[1].y, [1, 1, 0.5, 0.5])
  assert.equal(moveMarks(made.thresholds, made.metrics.epoch, "off")[0].label.text, "θ → 0.5")
})

test("what goes on above an axis is told of the chart that is cut, with that chart's own number", () => {
  const chart = () => ({ data: [0, 1, 2, 3].map(() => ({ x: [], y: [], few: true })) })
  const charts = new LiveCharts({ querySelector: chart }, { Plotly: { extendTraces: () => {} } })
  const made = history(), curve = thresholdCurve(1, [], 1)
  charts.extend({ ...made, steps: { ...made.steps, norm: made.steps.norm.map(() => 5000) } }, curve)
  assert.deepEqual(charts.beyond, { norm: 5000 })
  charts.isAll = true
  assert.deepEqual(charts.beyond, {})
})

test("a curve of very many points is thinned and has room to grow", () => {
  const drawn = {}, data = [{ x: [], y: [], few: false }, { x: [], y: [] }, { x: [], y: [] }, { x: [], y: [] }]
  const root = { querySelector: () => ({ data }) }
  const Plotly = { extendTraces: () => {}, restyle: (_, { x }) => { drawn.points = x[0].length } }
  const epoch = Array.from({ length: MOST + 1 }, (_, i) => i), loss = epoch.map((i) => Math.sin(i))
  new LiveCharts(root, { Plotly }).extendTwin({ steps: { epoch, loss, norm: loss } })
  assert.ok(drawn.points > MOST / 4 && drawn.points <= MOST / 2, `${drawn.points}`)
})

test("a sample is written with its prefix and its epoch", () => {
  const parts = () => ({ children: [], replaceChildren(...items) { this.children = items }, append(...items) { this.children.push(...items) } })
  const boxes = { ".newest": parts(), ".earlier": parts(), details: parts() }
  const box = { querySelector: (query) => boxes[query] }
  globalThis.document = { createElement: parts }
  const samples = new Samples({ querySelector: () => box }), made = history().samples
  samples.add([...made], labels)
  const [line] = boxes[".newest"].children, [when, prefix, text] = line.children
  assert.deepEqual([when.textContent, prefix.textContent, text, box.hidden, boxes.details.hidden], ["epoch 0.4", "ti", "de", false, true])
})

test("a diverged loss ends where the chart ends, and a missing one is none", () => {
  assert.equal(perplexity(null), null)
  assert.equal(perplexity(0), 1)
  assert.ok(Number.isFinite(perplexity(1e9)))
})

test("θ is level between its moves, and every move has a mark", () => {
  const moves = [{ epoch: 1, limit: 0.5 }, { epoch: 3, limit: null }]
  assert.deepEqual(thresholdCurve(1, moves, 4), { x: [0, 1, 1, 3, 3, 4], y: [1, 1, 0.5, 0.5, null, null],
                                                  customdata: ["1", "1", "0.5", "0.5", "–", "–"] })
  assert.deepEqual(thresholdCurve(null, [], 2), { x: [0, 2], y: [null, null], customdata: ["–", "–"] })
  assert.deepEqual(moveMarks(moves, 4, "θ off").map(({ x0, label }) => [x0, label.text]), [[1, "θ → 0.5"], [3, "θ off"]])
  const crowded = moveMarks([{ epoch: 1, limit: 1 }, { epoch: 1.1, limit: 2 }], 4, "θ off")
  assert.deepEqual(crowded.map(({ label }) => label.text), ["", "θ → 2"])
})

test("what clipping did is told in the share of steps and what was left of them", () => {
  const text = (metrics) => clippedText(history(metrics).metrics, labels)
  assert.equal(text({}), "100% clipped to 0.5")
  assert.equal(text({ clipped: { steps: 900, share: 0.001, scale: 0.9 } }), "1% clipped to 0.9")
  assert.equal(text({ clipped: { steps: 3, share: 0, scale: null } }), "none clipped")
  assert.equal(text({ clipped: { steps: 3, share: 0, scale: null }, limit: null }), "off")
  assert.equal(text({ clipped: null }), "")
})

test("the scoreboard names the hardest n-gram that is beaten", () => {
  const board = { held_out: true, beats: "beats {n} ({label})", best: "best", loses: "loses",
                  rungs: [{ n: 1, perplexity: 17, text: "17", label: "1" }, { n: 2, perplexity: 8, text: "8", label: "2" }] }
  assert.equal(rungText(board, Math.log(9)), "beats 1 (17)")
  assert.equal(rungText(board, Math.log(7)), "best")
  assert.equal(rungText(board, Math.log(18)), "loses")
  assert.equal(rungText(board, null), "")
  assert.equal(rungText({ ...board, held_out: false }, 1), "")
  assert.equal(rungText(null, 1), "")
  assert.deepEqual(rungs(board).map(({ y0 }) => y0), [17, 8])
  assert.deepEqual(rungs(null), [])
})

test("the page is told what it does not know, once", () => {
  const report = new Report(), told = []
  const update = (known, status, exploded) => report.update(known, history({ exploded }, { status }), (what) => told.push(what))
  const page = { status: "running", exploded: false }
  update(page, "running", false)
  update(page, "running", true)
  update(page, "running", true)
  update(page, "finished", true)
  update(page, "finished", true)
  assert.deepEqual(told, ["exploded", "finished"])
  update({ status: "finished", exploded: true }, "finished", true)
  update({ status: "finished", exploded: true }, "running", true)
  update({ status: "finished", exploded: true }, "finished", true)
  update({ status: "running", exploded: true }, "finished", true)
  assert.deepEqual(told.slice(2), ["running", "finished"])
})

test("the loss is the logarithm of the perplexity beside it", () => {
  for (const metrics of [{ train_loss: 1.5, step_loss: 9 }, { train_loss: null, step_loss: 1.5 }]) {
    const { train, loss } = metricTexts(history(metrics), labels)
    assert.deepEqual([train, loss], ["4.48", "1.5"])
  }
})

test("what a perplexity means is told, and held-out below train only where it is seen", () => {
  const why = (train_loss, heldout_loss, has = true) => whyText({ train_loss, step_loss: null, heldout_loss }, has, labels)
  assert.equal(why(Math.log(4), null), "between 4")
  assert.equal(why(Math.log(4), Math.log(3)), "between 4 below")
  assert.equal(why(Math.log(1.1001), Math.log(1.1)), "between 1.1")
  assert.equal(why(Math.log(4), null, false), "between 4 nothing held")
  assert.equal(why(null, null), "")
  assert.equal(why(800, null), "")
})
