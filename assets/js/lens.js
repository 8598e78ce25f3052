// The gate lens: draws the figures that the page sends, in place, so that zoom and scroll stay.

import { PlotPanel } from "./core/plot_panel.js"
import { isTouch, paint, themed } from "./core/theme.js"
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
    this.#tell = (selected) => setTriggerValue("pick", selected)
    const selected = this.#key && this.#data ? this.#data.selected : data.selected  // an arrow key is ahead of the page
    this.#data = { ...data, selected }
    this.#root.setAttribute("aria-label", data.label)
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
    const { charts, epoch, look, selected, config } = this.#data
    this.#width = this.#root.clientWidth
    const theme = themed(this.#root), touch = isTouch()
    const wanted = new Set(charts.map(({ key }) => key))
    for (const [key, chart] of this.#charts) chart.hidden = !wanted.has(key)  // kept: it may be wanted again soon
    for (const [i, wish] of charts.entries()) {
      const chart = this.#chart(wish)
      chart.style.order = i  // moving it in the document would end a drag under way
      const drawn = JSON.stringify([wish.figure, wish.least, wish.revision, theme, config.locale, this.#width, touch])
      if (this.#drawn.get(wish.key) === drawn) continue  // a redraw costs more than a comparison
      this.#drawn.set(wish.key, drawn)
      const data = wish.figure.data.map((t) => (t.type === "heatmap" && t.z?.steps ? { ...t, z: unpack(t.z) } : t))
      const { layout, traces } = paint({ ...wish.figure, data }, theme)
      chart.style.minWidth = wish.least ? `${wish.least}px` : ""
      const on = { plotly_click: (event) => this.#pick(meaning(event.points[0], wish)) }
      this.#plot.react(chart, traces, { ...layout, uirevision: wish.revision }, { on })
    }
    this.#colour()
    Object.assign(this.#root.dataset, { epoch, look, ...selected })
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
    this.#data.selected = { ...this.#data.selected, ...what }
    this.#tell(this.#data.selected)
  }

  // The sentence in the colours of one unit's state.
  #colour() {
    const box = this.#root.querySelector(".coloured"), { sentence, selected } = this.#data
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
      span.classList.toggle("chosen", i === selected.step)
      span.onclick = () => this.#pick({ step: i })
      return span
    }))
  }

  // ← and → move along the sentence, unless they belong to a field or a slider.
  #pressed = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key], { target } = event
    const isElsewhere = target !== document.body && !this.#root.contains(target)
    if (!way || isElsewhere || target.closest?.(BUSY)) return
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (this.#data?.selected.step == null) return
    event.preventDefault()
    const step = Math.min(Math.max(this.#data.selected.step + way, 0), this.#data.steps - 1)
    this.#data.selected = { ...this.#data.selected, step }
    this.#key ??= setTimeout(() => { this.#key = null; this.#pick({ step: this.#data.selected.step }) }, PACE)
  }
}
