// A second run on the live panel's charts, dashed: the same set-up with or without clipping.

import { askHistory } from "../core/history.js"
import { ACTIVE, Poller } from "../core/poller.js"
import { perplexityText } from "../core/format.js"
import { turnText } from "./metrics.js"
import { Report } from "./report.js"

export class Twin {
  #line
  #charts
  #redraw
  #grown
  #data = null
  #history = null
  #labels
  #poller = null

  /**
   * @param {Element} root
   * @param {import("./charts.js").LiveCharts} charts
   * @param {() => void} redraw draws both charts anew
   * @param {() => void} grown called when points have been added
   */
  constructor(root, charts, redraw, grown) {
    this.#line = root.querySelector(".twin")
    this.#charts = charts
    this.#redraw = redraw
    this.#grown = grown
  }

  /**
   * Show this twin from now on; the charts are to be drawn anew afterwards.
   * @param {{id: string, name: string, status: string, exploded: boolean, history: string} | null} twin
   * @param {object} labels
   * @param {(what: string) => void} tell tells the page
   * @param {boolean} isAnew the run beside it is another one
   */
  show(twin, labels, tell, isAnew) {
    const isAnother = isAnew || twin?.id !== this.#data?.id
    const isNews = twin?.status !== this.#data?.status
    this.#data = twin
    this.#labels = labels
    this.#line.hidden = !twin
    if (isAnother) {
      this.stop()
      this.#history = null
      this.#line.textContent = ""
      this.#charts.clearTwin()
      if (twin) this.#follow(twin.history, new Report(), tell)
    }
    if (this.#history) this.#write(this.#history)
    if (isAnother || isNews) this.poke()
  }

  /** Ask what is new. */
  poke() {
    this.#poller?.poke()
  }

  /** Somebody looks again. */
  wake() {
    this.#poller?.wake()
  }

  /** Follow it no more. */
  stop() {
    this.#poller?.stop()
    this.#poller = null
  }

  #follow(path, report, tell) {
    this.#poller = new Poller({
      ask: (after, signal) => askHistory(path, after, signal),
      take: (history, isRestart) => {
        if (isRestart) this.#charts.clearTwin()
        this.#charts.extendTwin(history)
        if (isRestart || !ACTIVE.has(history.status)) this.#redraw()
        else this.#grown()
        this.#write(history)
        report.update(this.#data, history, tell)
      },
      lost: () => {},  // the run beside it says so
      deleted: () => tell("deleted"),
    })
  }

  // In a line: what it is doing, and what it has learnt.
  #write(history) {
    this.#history = history
    const { status, metrics } = history
    const { names } = this.#labels, state = turnText(status, metrics, this.#labels)
    const loss = metrics.train_loss ?? metrics.step_loss  // as the run's own figure
    const learnt = loss == null ? "" : ` · ${names.train} ${perplexityText(loss)}`
    this.#line.textContent = `${this.#data.name}: ${state}${learnt}`
    this.#line.dataset.status = status
  }
}
