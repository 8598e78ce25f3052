// The gate lens: draws the figures that the page sends, in place, so that zoom and scroll stay.

import { PlotPanel } from "./core/plot_panel.js"
import { isTouch, paint, themed } from "./core/theme.js"
import { hasNames, unnamed } from "./lens/names.js"
import { Selection, beside, rows } from "./lens/selection.js"
import { unpack } from "./lens/unpack.js"

const PACE = 120  // ms between two steps told to the page while an arrow key is held, and of rest before a new width counts
const BUSY = "input, textarea, select, [role=slider], [role=radiogroup], [role=tablist], [role=listbox]"

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new Lens(parent.querySelector(".lens"))
}

// What a click on a chart means: a token, a unit, or both.
function meaning(point, { key, wide }) {
  if (key === "second") return { step: point.pointIndex[1] ?? point.pointIndex }  // another network's units
  if (point.data.type === "heatmap") return { step: point.pointIndex[1], unit: Number(point.y) }
  if (wide) return { step: point.pointIndex }
  return point.data.type === "scatter" ? { unit: point.customdata } : {}
}

class Lens {
  #root
  #plot
  #charts = new Map()  // by key
  #drawn = new Map()   // what each shows
  #data = null
  #selection = new Selection()
  #tell = null
  #width = 0
  #key = null          // timer of an arrow key that is held
  #resized = null
  #sizes

  constructor(root) {
    this.#root = root
    this.#plot = new PlotPanel(root, () => this.#draw())
    this.#sizes = new ResizeObserver(() => {
      clearTimeout(this.#resized)
      this.#resized = setTimeout(() => {
        if (this.#plot.Plotly && root.clientWidth !== this.#width) this.#draw()
      }, PACE)
    })
    this.#sizes.observe(root)
    document.addEventListener("keydown", this.#pressed)
  }

  update({ data, setTriggerValue }) {
    this.#tell = () => setTriggerValue("pick", this.#selection.told())
    this.#selection.take(data.selected, data.answered)
    this.#data = data
    this.#root.setAttribute("aria-label", `${data.label}. ${data.hint}`)
    this.#root.querySelector(".hint").textContent = data.hint
    this.#plot.update(data)
  }

  unmount() {
    clearTimeout(this.#key)
    clearTimeout(this.#resized)
    document.removeEventListener("keydown", this.#pressed)
    this.#sizes.disconnect()
    this.#plot.unmount()
    for (const chart of this.#charts.values()) chart.remove()
  }

  #draw() {
    const { charts, epoch, look, config } = this.#data
    this.#width = this.#root.clientWidth
    const theme = themed(this.#root), touch = isTouch()
    const wanted = new Set(charts.map(({ key }) => key))
    for (const [key, chart] of this.#charts) {
      chart.hidden = !wanted.has(key)  // kept: it may be wanted again soon
      if (chart.hidden) this.#unhover(chart)
    }
    for (const [i, wish] of charts.entries()) {
      const chart = this.#chart(wish)
      chart.style.order = i  // moving it in the document would end a drag under way
      const drawn = JSON.stringify([wish.figure, wish.least, wish.revision, theme, config.locale, this.#width, touch])
      if (this.#drawn.get(wish.key) === drawn) continue  // a redraw costs more than a comparison
      this.#drawn.set(wish.key, drawn)
      const isNamed = hasNames(wish, this.#width), figure = isNamed ? wish.figure : unnamed(wish.figure, wish.names)
      const data = figure.data.map((t) => (t.type === "heatmap" && t.z?.steps ? { ...t, z: unpack(t.z) } : t))
      const { layout, traces } = paint({ ...figure, data }, theme)
      chart.style.minWidth = wish.least ? `${wish.least + (isNamed ? wish.names : 0)}px` : ""
      const under = chart.matches(":hover") ? chart._hoverdata : null
      const on = { plotly_click: (event) => this.#pick(meaning(event.points[0], wish)) }
      this.#plot.react(chart, traces, { ...layout, uirevision: wish.revision }, { on })
      this.#hover(chart, under)
    }
    this.#colour()
    Object.assign(this.#root.dataset, { epoch, look, ...this.#selection.chosen })
  }

  // What is told under a resting pointer is the new figure's, not the one's before.
  #hover(chart, points) {
    this.#unhover(chart)
    if (!points?.length) return
    const [{ xaxis, yaxis }] = points
    const places = points.map(({ curveNumber, pointNumber }) => ({ curveNumber, pointNumber }))
    this.#plot.Plotly.Fx.hover(chart, places, xaxis._id + yaxis._id)
  }

  #unhover(chart) {
    if (chart._hoverdata) this.#plot.Plotly.Fx.unhover(chart)
  }

  #chart({ key, wide }) {
    let chart = this.#charts.get(key)
    if (!chart) {
      chart = document.createElement("div")
      chart.className = "chart"
      chart.dataset.chart = key
      chart.setAttribute("role", "img")
      this.#charts.set(key, chart)
      this.#root.querySelector(wide ? ".scroll" : ".grid").append(chart)
    }
    return chart
  }

  #pick(what) {
    if (!Object.keys(what).length) return
    this.#selection.choose(what)
    this.#tell()
    this.#root.focus({ preventScroll: true })  // Plotly takes the press for a drag: the keys would go to the page
  }

  // The sentence in the colours of one unit's state.
  #colour() {
    const box = this.#root.querySelector(".coloured"), { sentence } = this.#data
    box.hidden = !sentence
    if (!sentence) return
    const caption = document.createElement("span")
    caption.className = "caption"
    caption.textContent = sentence.caption
    box.replaceChildren(caption, ...sentence.tokens.map(({ text, known, background, color, value }, i) => {
      const span = document.createElement("span")
      span.textContent = text
      span.style.background = background
      span.style.color = color
      span.title = value
      span.classList.toggle("unknown", !known)
      span.classList.toggle("chosen", i === this.#selection.chosen.step)
      span.onclick = () => this.#pick({ step: i })
      return span
    }))
  }

  // ← and → move along the sentence, unless they belong to a field or a slider; in the lens ↑ and ↓ move over the units.
  #pressed = (event) => {
    const { target } = event, isInside = this.#root.contains(target)
    if (!this.#data || (target !== document.body && !isInside) || target.closest?.(BUSY)) return
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const what = this.#moved(event.key, isInside)
    if (!what) return
    event.preventDefault()
    this.#selection.choose(what)
    for (const chart of this.#charts.values()) this.#unhover(chart)
    this.#key ??= setTimeout(() => { this.#key = null; this.#tell() }, PACE)
  }

  // Where a key leads; null where it means nothing here.
  #moved(key, isInside) {
    const { step, unit } = this.#selection.chosen, { charts, steps, units } = this.#data
    const along = { ArrowLeft: -1, ArrowRight: 1 }[key], over = { ArrowUp: -1, ArrowDown: 1 }[key]
    if (along) return { step: Math.min(Math.max(step + along, 0), steps - 1) }
    const all = over && isInside ? rows(charts, units) : null
    return all && { unit: beside(all, unit, over) }
  }
}
