// The live panel: follows a run and draws it, with its twin, its θ, its samples and what n-grams reach.

import { number } from "./core/format.js"
import { askHistory } from "./core/history.js"
import { PlotPanel } from "./core/plot_panel.js"
import { ACTIVE, Poller } from "./core/poller.js"
import { LiveCharts } from "./live/charts.js"
import { showMetrics } from "./live/metrics.js"
import { Report } from "./live/report.js"
import { Samples } from "./live/samples.js"
import { rungs, rungText } from "./live/scoreboard.js"
import { moveMarks, Threshold, thresholdCurve } from "./live/threshold.js"
import { Twin } from "./live/twin.js"

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new LivePanel(parent.querySelector(".live-panel"))
}

class LivePanel {
  #root
  #plot
  #charts
  #threshold
  #samples
  #twin
  #poller = null
  #data = null
  #tell = null       // asks the page for a rerun
  #shown = {}        // run and status as they were drawn last
  #hasPoints = false
  #moves = []        // of θ
  #epoch = 0
  #history = null    // the newest answer
  #vocabSize = null
  #isLost = false    // the last poll was not answered
  #isLocked = false  // … since the server's database is locked

  constructor(root) {
    this.#root = root
    this.#plot = new PlotPanel(root, () => this.#show())
    this.#charts = new LiveCharts(root, this.#plot)
    this.#samples = new Samples(root)
    this.#twin = new Twin(root, this.#charts, () => this.#redraw(), () => this.#tellBeyond())
    this.#threshold = new Threshold(root, this.#charts.charts.norm, (limit) => (
      this.#tell("theta", { run: this.#data.run, limit, at: Date.now() })))
    root.querySelector(".beyond button").onclick = () => {
      this.#charts.isAll = !this.#charts.isAll
      this.#redraw()
    }
    document.addEventListener("visibilitychange", this.#wake)
  }

  update({ data, setTriggerValue }) {
    this.#data = data
    this.#tell = setTriggerValue
    for (const [name, text] of Object.entries(data.labels.names)) {
      this.#root.querySelector(`[data-label=${name}]`).textContent = text
    }
    this.#threshold.mayMove = data.may_move
    this.#threshold.name(data.labels.threshold)
    this.#root.querySelector(".nothing").textContent = data.labels.nothing
    this.#root.classList.toggle("idle", !data.run)
    this.#plot.update(data)
  }

  unmount() {
    document.removeEventListener("visibilitychange", this.#wake)
    this.#poller?.stop()
    this.#twin.stop()
    this.#threshold.unmount()
    this.#plot.unmount()
  }

  // Somebody looks again.
  #wake = () => {
    if (document.hidden) return
    this.#poller?.wake()
    this.#twin.wake()
  }

  // Draws what the newest call asked for.
  #show() {
    const { run, status, twin, labels } = this.#data
    const isAnother = this.#shown.run !== run, isNews = isAnother || this.#shown.status !== status
    this.#shown = { run, status }
    if (isAnother) this.#open(run)
    if (!run) return
    this.#twin.show(twin, labels, (what) => this.#tell("twin", what), isAnother)
    this.#redraw()
    if (this.#history) this.#write(this.#history, [])  // in the language of now
    this.#lose(this.#isLost, this.#isLocked)
    if (isNews) this.#poller.poke()
  }

  // Follows another run.
  #open(run) {
    this.#poller?.stop()
    this.#clear()
    this.#root.classList.add("waiting")
    delete this.#root.dataset.status
    this.#root.querySelector(".rung").hidden = true
    this.#lose(false)
    this.#history = this.#vocabSize = null
    this.#threshold.clear()
    this.#samples.add([], this.#data.labels)
    if (!run) {
      this.#poller = null
      this.#twin.stop()
      return
    }
    const { history } = this.#data, report = new Report()
    this.#poller = new Poller({
      ask: (after, signal) => askHistory(history, after, signal),
      take: (news, isRestart) => {
        this.#take(news, isRestart)
        report.update(this.#data, news, (what) => this.#tell("status", what))
      },
      lost: (isLost, isLocked) => this.#lose(isLost, isLocked),
      deleted: () => this.#tell("status", "deleted"),
    })
  }

  #lose(isLost, isLocked = false) {
    const line = this.#root.querySelector(".lost")
    this.#isLost = isLost
    this.#isLocked = isLocked
    line.textContent = isLocked ? this.#data.labels.locked : this.#data.lost
    line.hidden = !isLost
  }

  #clear() {
    this.#samples.clear()
    this.#moves = []
    this.#epoch = 0
    this.#hasPoints = false
    this.#charts.clear()
  }

  #take(history, isRestart) {
    const { status, metrics, thresholds, steps, samples } = history
    if (isRestart) this.#clear()
    if (metrics.vocab_size && metrics.vocab_size !== this.#vocabSize) {
      this.#vocabSize = metrics.vocab_size
      this.#redraw()
    }
    const isFirst = !this.#hasPoints
    this.#moves = [...this.#moves, ...thresholds]
    this.#epoch = metrics.epoch
    this.#threshold.take(history)
    this.#charts.extend(history, this.#curve())
    this.#hasPoints ||= steps.epoch.length > 0
    if (isRestart || isFirst || thresholds.length || !ACTIVE.has(status)) this.#redraw()
    this.#root.classList.toggle("waiting", !this.#hasPoints)
    this.#tellBeyond()
    this.#write(history, samples)
  }

  // What stands in words and numbers.
  #write(history, samples) {
    const { labels, scoreboard } = this.#data, line = this.#root.querySelector(".rung")
    this.#history = history
    showMetrics(this.#root, history, labels, this.#data.has_heldout)
    this.#threshold.show(history, labels)
    this.#samples.add(samples, labels)
    line.textContent = rungText(scoreboard, history.metrics.heldout_loss)
    line.hidden = !line.textContent
  }

  #curve() {
    return thresholdCurve(this.#data.first_limit, this.#moves, this.#epoch)
  }

  #redraw() {
    const { figures, run, labels, scoreboard } = this.#data
    const marks = moveMarks(this.#moves, this.#epoch, labels.theta_off)
    const shapes = { norm: marks, perplexity: [...marks, ...rungs(scoreboard), ...this.#guessing()] }
    this.#charts.draw({ figures, run, shapes, threshold: this.#curve(), guessing: this.#vocabSize,
                        limit: this.#history ? this.#history.metrics.limit : this.#data.first_limit,
                        drawn: () => this.#threshold.place() })
    this.#tellBeyond()
  }

  // What is above the axis, and the way to see it.
  #tellBeyond() {
    const { beyond, isAll } = this.#charts, { labels } = this.#data, line = this.#root.querySelector(".beyond")
    const told = Object.entries(beyond).map(([chart, most]) => labels.beyond[chart].replace("{n}", number(most)))
    line.hidden = !told.length && !isAll
    line.querySelector("span").textContent = told.join(labels.between)
    line.querySelector("button").textContent = isAll ? labels.less : labels.all
  }

  // The perplexity of a network that knows nothing.
  #guessing() {
    if (!this.#vocabSize) return []
    const text = this.#data.labels.guessing.replace("{n}", this.#vocabSize)
    return [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: this.#vocabSize, y1: this.#vocabSize,
              line: { width: 1, dash: "dot" }, label: { text, textposition: "end", yanchor: "bottom" } }]
  }
}
