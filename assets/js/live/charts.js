// The live panel's two charts, perplexity and gradient norm: what they hold outlives every redraw.

import { number } from "../core/format.js"
import { paint, themed } from "../core/theme.js"
import { FEW, MOST, perplexity, thin } from "./curves.js"

/** The traces of each chart, by place. */
const TRACES = {
  perplexity: { steps: 0, train: 1, heldout: 2, twin: 3 },
  norm: { steps: 0, threshold: 1, twin: 2 },
}

const told = (values) => values.map((value) => number(value, 4))

export class LiveCharts {
  #root
  #plot

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
   * @param {() => void} what.drawn called whenever the norm's chart has been drawn
   */
  draw({ figures, run, shapes, threshold, drawn }) {
    const theme = themed(this.#root)
    for (const [name, chart] of Object.entries(this.charts)) {
      const figure = structuredClone(figures[name])
      figure.layout.shapes = [...(figure.layout.shapes ?? []), ...shapes[name]]
      const { layout, traces } = paint(figure, theme)
      layout.uirevision = run
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
      this.#plot.react(chart, traces, layout, name === "norm" ? { on: { plotly_afterplot: drawn } } : {})
    }
  }

  /**
   * Add a run's new points.
   * @param {import("../core/history.js").History} history
   * @param {{x: number[], y: (number | null)[]}} threshold θ over the epochs
   */
  extend({ steps, epochs }, threshold) {
    const { perplexity: at, norm } = TRACES
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
    this.#add("perplexity", TRACES.perplexity.twin, steps.epoch, steps.loss.map(perplexity))
    this.#add("norm", TRACES.norm.twin, steps.epoch, steps.norm)
  }

  /** Forget the run's own points; they vanish with what is drawn next. */
  clear() {
    this.#clear((name, i) => i !== TRACES[name].twin)
  }

  /** Forget the twin's points; they vanish with what is drawn next. */
  clearTwin() {
    this.#clear((name, i) => i === TRACES[name].twin)
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
