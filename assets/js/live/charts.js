// The live panel's two charts, perplexity and gradient norm: what they hold outlives every redraw.

import { number } from "../core/format.js"
import { paint, themed } from "../core/theme.js"
import { FEW, MOST, perplexity, thin } from "./curves.js"
import { Extent, normRange, perplexityRange } from "./ranges.js"

/** The traces of each chart, by place. */
const TRACES = {
  perplexity: { steps: 0, train: 1, heldout: 2, twin: 3 },
  norm: { steps: 0, threshold: 1, twin: 2 },
}

const NOTHING = () => ({ perplexity: new Extent(), norm: new Extent() })
const told = (values) => values.map((value) => number(value, 4))

export class LiveCharts {
  #root
  #plot
  #own = NOTHING()         // how far the run's points reach, and its twin's
  #twin = NOTHING()
  #zoom = {}               // what a hand has chosen: x of both charts, y of each
  #run = null
  #guessing = null
  #limit = null
  #mine = 0                // axes that are being set from here
  /** Whether the axes reach as far as the points do. */
  isAll = false

  /**
   * @param {HTMLElement} root
   * @param {import("../core/plot_panel.js").PlotPanel} plot
   */
  constructor(root, plot) {
    this.#root = root
    this.#plot = plot
    this.charts = { perplexity: root.querySelector(".perplexity"), norm: root.querySelector(".norm") }
  }

  /**
   * Draw both anew, keeping points, zoom and hidden curves.
   * @param {object} what
   * @param {Object<string, {data: object[], layout: object}>} what.figures without points
   * @param {string} what.run another one starts with another zoom
   * @param {Object<string, object[]>} what.shapes further lines, by chart
   * @param {{x: number[], y: (number | null)[]}} what.threshold θ over the epochs
   * @param {number | null} what.guessing the perplexity of a network that knows nothing
   * @param {number | null} what.limit θ as it stands, null while clipping is off
   * @param {() => void} what.drawn called whenever the norm's chart has been drawn
   */
  draw({ figures, run, shapes, threshold, guessing, limit, drawn }) {
    const theme = themed(this.#root)
    if (run !== this.#run) {
      this.#zoom = {}
      this.isAll = false
    }
    this.#run = run
    this.#guessing = guessing
    this.#limit = limit
    for (const [name, chart] of Object.entries(this.charts)) {
      const figure = structuredClone(figures[name])
      figure.layout.shapes = [...(figure.layout.shapes ?? []), ...shapes[name]]
      const { layout, traces } = paint(figure, theme)
      layout.uirevision = run
      this.#setAxes(name, layout)
      traces.forEach((trace, i) => {
        trace.x = chart.data?.[i]?.x ?? []
        trace.y = chart.data?.[i]?.y ?? []
        trace.customdata = chart.data?.[i]?.customdata ?? []  // the values as people read them
        if (name === "norm" && i === TRACES.norm.threshold) Object.assign(trace, threshold)
        else if (trace.mode === "lines" && trace.x.length < FEW) {  // a line needs two points
          trace.mode = "lines+markers"
          trace.few = true
        }
      })
      const on = { plotly_relayout: (event) => this.#zoomed(name, event) }
      if (name === "norm") on.plotly_afterplot = drawn
      // a double click must not go back to where the axes were when the chart was new
      this.#plot.react(chart, traces, layout, { config: { ...this.#plot.config, doubleClick: "autosize" }, on })
    }
  }

  /**
   * Add a run's new points.
   * @param {import("../core/history.js").History} history
   * @param {{x: number[], y: (number | null)[]}} threshold θ over the epochs
   */
  extend({ steps, epochs, metrics }, threshold) {
    const { perplexity: at, norm } = TRACES
    this.#limit = metrics.limit
    this.#reach(this.#own, steps, epochs)
    this.#add("perplexity", at.steps, steps.epoch, steps.loss.map(perplexity))
    this.#add("perplexity", at.train, epochs.epoch, epochs.train.map(perplexity))
    const heldout = epochs.heldout.map(perplexity)
    if (heldout.some((value) => value != null)) this.#add("perplexity", at.heldout, epochs.epoch, heldout)
    const drawn = this.charts.norm.data?.[norm.threshold]
    if (drawn) Object.assign(drawn, threshold)  // drawn with what follows
    this.#add("norm", norm.steps, steps.epoch, steps.norm)
  }

  /**
   * Add the twin's new points.
   * @param {import("../core/history.js").History} history
   */
  extendTwin({ steps }) {
    this.#reach(this.#twin, steps)
    this.#add("perplexity", TRACES.perplexity.twin, steps.epoch, steps.loss.map(perplexity))
    this.#add("norm", TRACES.norm.twin, steps.epoch, steps.norm)
  }

  /** Forget the run's own points; they vanish with what is drawn next. */
  clear() {
    this.#own = NOTHING()
    this.#clear((name, i) => i !== TRACES[name].twin)
  }

  /** Forget the twin's points; they vanish with what is drawn next. */
  clearTwin() {
    this.#twin = NOTHING()
    this.#clear((name, i) => i === TRACES[name].twin)
  }

  /** The charts whose axis ends below their largest point, and that point: `{perplexity?: number, norm?: number}`. */
  get beyond() {
    const cut = ["perplexity", "norm"].filter((name) => this.#range(name).isCut)
    return Object.fromEntries(cut.map((name) => [name, this.#extent(name).most]))
  }

  #reach(extents, steps, epochs = { epoch: [], train: [], heldout: [] }) {
    extents.perplexity.add(steps.epoch, steps.loss.map(perplexity))
    for (const losses of [epochs.train, epochs.heldout]) extents.perplexity.add(epochs.epoch, losses.map(perplexity))
    extents.norm.add(steps.epoch, steps.norm)
    for (const [name, chart] of Object.entries(this.charts)) {
      if (chart.layout) this.#setAxes(name, chart.layout)  // drawn with the points that follow
    }
  }

  #extent(name) {
    return this.#own[name].with(this.#twin[name])
  }

  #range(name) {
    return name === "norm" ? normRange(this.#extent(name), this.#limit, this.isAll)
      : perplexityRange(this.#extent(name), this.#own[name], this.#guessing, this.isAll)
  }

  // Both charts have one x-axis; what a hand has zoomed to stays.
  #setAxes(name, layout) {
    const last = Math.max(this.#extent("perplexity").last, this.#extent("norm").last)
    Object.assign(layout.xaxis, { autorange: false, range: this.#zoom.x ?? [0, last || 1] })
    Object.assign(layout.yaxis, { autorange: false, range: this.#zoom[name] ?? this.#range(name).range })
  }

  // A hand has moved an axis, or wants all axes back.
  #zoomed(name, event) {
    if (this.#mine) return
    const { xaxis, yaxis } = this.charts[name].layout, isAbout = (start) => Object.keys(event).some((key) => key.startsWith(start))
    if (event["xaxis.autorange"] || event["yaxis.autorange"]) this.#zoom = {}
    else if (isAbout("xaxis.range") || isAbout("yaxis.range")) {
      if (isAbout("xaxis.range")) this.#zoom.x = [...xaxis.range]
      if (isAbout("yaxis.range")) this.#zoom[name] = [...yaxis.range]
    } else return
    for (const [other, chart] of Object.entries(this.charts)) {
      this.#setAxes(other, chart.layout)
      const { xaxis: { range: x }, yaxis: { range: y } } = chart.layout
      this.#mine += 1  // Plotly tells of it later
      this.#plot.Plotly.relayout(chart, { "xaxis.range": [...x], "yaxis.range": [...y] }).finally(() => { this.#mine -= 1 })
    }
  }

  #clear(isMeant) {
    for (const [name, chart] of Object.entries(this.charts)) {
      for (const trace of (chart.data ?? []).filter((_, i) => isMeant(name, i))) Object.assign(trace, { x: [], y: [], customdata: [] })
    }
  }

  #add(name, index, xs, ys) {
    if (!xs.length) return
    const chart = this.charts[name], trace = chart.data[index], { Plotly } = this.#plot
    if (trace.few && trace.x.length + xs.length >= FEW) Object.assign(trace, { few: false, mode: "lines" })
    if (trace.x.length + xs.length > MOST) {
      const kept = thin([...trace.x, ...xs], [...trace.y, ...ys], MOST / 4)
      Plotly.restyle(chart, { x: [kept.x], y: [kept.y], customdata: [told(kept.y)] }, [index])
    } else {
      Plotly.extendTraces(chart, { x: [xs], y: [ys], customdata: [told(ys)] }, [index])
    }
  }
}
