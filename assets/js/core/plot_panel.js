// What every panel with Plotly charts needs: Plotly itself, asked for until it is there; a way to draw; an end.

import { tick, withPowers } from "./format.js"
import { at } from "./server.js"
import { isTouch } from "./theme.js"

const AGAIN = 3000  // ms until Plotly is asked for again
let loading = null

/**
 * Plotly, fetched once for all panels.
 * @param {string} path the server's path of plotly.min.js
 * @returns {Promise<object>}
 */
export function loadPlotly(path) {
  if (window.Plotly) return Promise.resolve(window.Plotly)
  loading ??= new Promise((done, fail) => {
    const script = document.createElement("script")
    script.src = at(path)
    script.onload = () => done(window.Plotly)
    script.onerror = () => { loading = null; script.remove(); fail(new Error("plotly")) }
    document.head.append(script)
  })
  return loading
}

// Plotly writes 1e+7 and 10000 where we write 10⁷ and 10,000: at its logarithmic axes, and where a hand points.
function writePowers(chart) {
  for (const [, axis] of Object.entries(chart._fullLayout ?? {}).filter(([name]) => /^[xy]axis\d*$/.test(name))) {
    if (axis.type !== "log") continue
    for (const text of chart.querySelectorAll(`.${axis._id}tick text`)) {
      const value = Number(text.textContent.replace("−", "-"))
      if (value > 0) text.textContent = tick(value)
    }
  }
  for (const text of chart.querySelectorAll(".hoverlayer text, .hoverlayer tspan")) {
    if (!text.children.length && /\de[+−-]?\d/.test(text.textContent)) text.textContent = withPowers(text.textContent)
  }
}

export class PlotPanel {
  #charts = new Set()
  #root
  #draw
  #timer = null
  #turn = 0
  #isLost = false
  #isGone = false
  /** Null until it is there. */
  Plotly = null

  /**
   * @param {Element} root holds the panel, with an element `.lost` for the time without a connection
   * @param {() => void} draw called after every `update`, as soon as Plotly is there
   */
  constructor(root, draw) {
    this.#root = root
    this.#draw = draw
  }

  /**
   * Draw what is new; of several calls before Plotly is there, the last one is drawn.
   * @param {{plotly: string, modebar: Object<string, string>, config: object, lost: string}} data
   */
  async update(data) {
    const turn = ++this.#turn, lost = this.#root.querySelector(".lost")
    clearTimeout(this.#timer)
    this.config = { ...data.config, ...(isTouch() && { displayModeBar: false }) }
    try {
      this.Plotly ??= await loadPlotly(data.plotly)
    } catch {
      if (this.#isGone || turn !== this.#turn) return
      lost.textContent = data.lost
      lost.hidden = false
      this.#isLost = true
      this.#timer = setTimeout(() => this.update(data), AGAIN)
      return
    }
    if (this.#isGone || turn !== this.#turn) return
    if (this.#isLost) lost.hidden = true
    this.#isLost = false
    this.Plotly.register({ moduleType: "locale", name: data.config.locale, dictionary: data.modebar, format: {} })
    this.#draw()
  }

  /**
   * Draw a chart in place: zoom, scroll and hidden curves stay as long as `layout.uirevision` does.
   * @param {HTMLElement} chart
   * @param {object[]} traces
   * @param {object} layout its `meta` says in words what is to be seen
   * @param {object} [more]
   * @param {object} [more.config] instead of the page's
   * @param {Object<string, (event: object) => void>} [more.on] Plotly's events; a chart that Plotly makes anew forgets them
   */
  react(chart, traces, layout, { config = this.config, on = {} } = {}) {
    this.#charts.add(chart)
    this.Plotly.react(chart, traces, layout, config)
    chart.setAttribute("aria-label", layout.meta)
    const listeners = {
      ...on,
      plotly_afterplot: () => { writePowers(chart); on.plotly_afterplot?.() },
      plotly_hover: (event) => { writePowers(chart); on.plotly_hover?.(event) },
    }
    for (const [name, listener] of Object.entries(listeners)) {
      chart.removeAllListeners(name)
      chart.on(name, listener)
    }
    writePowers(chart)
  }

  /** Give up what Plotly holds. */
  unmount() {
    this.#isGone = true
    clearTimeout(this.#timer)
    for (const chart of this.#charts) this.Plotly.purge(chart)
  }
}
