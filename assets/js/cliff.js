// The cliff: a surface, two paths on it and their curves, at the step that a slider names.

import { cutAt, camera, fineness, inSpace, isPath, reached } from "./cliff/surface.js"
import { number } from "./core/format.js"
import { PlotPanel } from "./core/plot_panel.js"
import { paint, themed } from "./core/theme.js"

const PLAY = 8000  // ms that a whole path takes
const FRAME = 80   // ms between two steps, at least
const SIGNS = { diamond: "◆", circle: "●", "diamond-open": "◇", "circle-open": "○" }

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new Cliff(parent.querySelector(".cliff"))
}

class Cliff {
  #root
  #plot
  #surface
  #curves
  #fineness = fineness()
  #data = null
  #step = 0
  #drawn = null         // what stands on the screen
  #painted = null       // the surface in the theme's colours
  #curveLayout = null
  #player = null
  #frame = null
  #isTurned = false     // a hand turns the surface

  constructor(root) {
    this.#root = root
    this.#surface = root.querySelector(".surface")
    this.#curves = root.querySelector(".curves")
    this.#plot = new PlotPanel(root, () => this.#draw())
    root.querySelector(".step").oninput = (event) => { this.#stop(); this.#go(Number(event.target.value)) }
    root.querySelector(".play").onclick = () => this.#play()
    for (const button of this.#views) button.onclick = () => this.#turn(button.dataset)
    this.#surface.onpointerdown = () => { this.#isTurned = true }
    window.addEventListener("pointerup", this.#release)
    window.addEventListener("pointercancel", this.#release)
  }

  update({ data }) {
    const before = this.#data
    if (!before) this.#step = data.steps
    else if (before.key !== data.key) {
      this.#stop()
      this.#step = this.#step === before.steps ? data.steps : Math.min(this.#step, data.steps)
    }
    this.#data = data
    this.#label()
    this.#tell()
    this.#plot.update(data)
  }

  unmount() {
    this.#stop()
    cancelAnimationFrame(this.#frame)
    window.removeEventListener("pointerup", this.#release)
    window.removeEventListener("pointercancel", this.#release)
    this.#drawn = null
    this.#plot.unmount()
  }

  get #views() {
    return this.#root.querySelectorAll(".views button")
  }

  #release = () => {
    if (!this.#isTurned) return
    this.#isTurned = false
    setTimeout(() => this.#move())
  }

  #label() {
    const { labels } = this.#data, flat = this.#root.querySelector(".flat")
    this.#root.setAttribute("aria-label", labels.panel)
    this.#root.querySelector(".hint").textContent = labels.hint
    flat.textContent = labels.flat
    flat.hidden = Boolean(this.#fineness)
    this.#surface.hidden = this.#root.querySelector(".views").hidden = !this.#fineness
    for (const button of this.#views) {
      button.title = labels.views[button.dataset.view ?? (Number(button.dataset.turn) > 0 ? "left" : "right")]
      button.setAttribute("aria-label", button.title)
    }
  }

  #draw() {
    const { figures, key } = this.#data, theme = themed(this.#root)
    const drawn = JSON.stringify([key, theme])  // a redraw costs more than a comparison
    if (this.#drawn === drawn) return
    this.#drawn = drawn
    if (this.#fineness) {
      this.#painted = inSpace(figures.surface, theme, this.#root.clientWidth)
      const config = { responsive: true, displayModeBar: false, scrollZoom: false, plotGlPixelRatio: this.#fineness }
      this.#plot.react(this.#surface, cutAt(this.#painted.traces, this.#step), this.#layout(), { config })
    }
    const { layout, traces } = paint(figures.curves, theme)
    this.#curveLayout = layout
    this.#plot.react(this.#curves, traces, this.#marked())
    this.#tell()
    this.#root.dataset.drawn = key
  }

  // Plotly keeps the camera that a drag has left in the chart's own layout.
  #layout() {
    const { layout } = this.#painted, turned = this.#surface.layout?.scene?.camera
    return turned ? { ...layout, scene: { ...layout.scene, camera: turned } } : layout
  }

  #marked() {
    const [mark, ...shapes] = this.#curveLayout.shapes
    return { ...this.#curveLayout, shapes: [{ ...mark, x0: this.#step, x1: this.#step }, ...shapes], uirevision: "curves" }
  }

  #go(step) {
    this.#step = Math.min(Math.max(step, 0), this.#data.steps)
    this.#tell()
    this.#frame ??= requestAnimationFrame(() => { this.#frame = null; this.#move() })  // a quick slider leaves steps out
  }

  // Both charts at the step; not while a hand turns the surface, whose camera would jump back to where that began.
  #move() {
    if (this.#isTurned || !this.#drawn) return
    const { Plotly } = this.#plot, step = this.#step
    if (this.#fineness) {
      const traces = cutAt(this.#painted.traces, step)
      const moving = [...traces.keys()].filter((i) => traces[i].type === "scatter3d")
      const all = (get) => moving.map((i) => get(traces[i]))
      Plotly.restyle(this.#surface, {
        x: all((t) => t.x), y: all((t) => t.y), z: all((t) => t.z), customdata: all((t) => t.customdata),
        "marker.symbol": all((t) => t.marker.symbol), "marker.size": all((t) => t.marker.size) }, moving)
    }
    Plotly.relayout(this.#curves, { "shapes[0].x0": step, "shapes[0].x1": step })
  }

  // What stands in words and numbers: the step, and where both paths are.
  #tell() {
    const { labels, steps, figures } = this.#data, root = this.#root, step = this.#step
    const slider = root.querySelector(".step")
    const count = labels.count.replace("{step}", step).replace("{steps}", steps)
    slider.max = steps
    slider.value = step
    slider.setAttribute("aria-label", labels.step)
    slider.setAttribute("aria-valuetext", count)
    root.querySelector(".count").textContent = count
    root.querySelector(".play").textContent = this.#player ? `❚❚ ${labels.pause}` : `▶ ${labels.play}`
    const row = (kind, cells) => {
      const tr = document.createElement("tr")
      tr.append(...cells.map((text) => Object.assign(document.createElement(kind), { textContent: text })))
      return tr
    }
    const head = document.createElement("thead"), body = document.createElement("tbody")
    head.append(row("th", ["", "w", "b", labels.loss, labels.norm]))
    for (const path of figures.surface.data.filter(isPath).sort((a, b) => a.legendrank - b.legendrank)) {
      const at = reached(path, step) - 1, numbers = path.customdata[at].slice(1).map((value) => number(value, 4))
      body.append(row("td", [`${SIGNS[path.marker.symbol[at]]} ${path.name}`, ...numbers]))
    }
    root.querySelector(".now").replaceChildren(head, body)
    root.dataset.step = step
  }

  #stop() {
    clearInterval(this.#player)
    this.#player = null
  }

  #play() {
    if (this.#player) { this.#stop(); this.#tell(); return }
    const { steps } = this.#data
    if (this.#step >= steps) this.#go(0)
    const pace = Math.max(FRAME, PLAY / steps), began = performance.now(), from = this.#step
    this.#player = setInterval(() => {  // by the clock: a slow machine leaves steps out and does not lag
      const step = Math.min(from + Math.floor((performance.now() - began) / pace), steps)
      if (step >= steps) this.#stop()
      this.#go(step)
    }, pace)
    this.#tell()
  }

  #turn(wish) {
    if (!this.#painted) return
    const usual = this.#painted.layout.scene.camera, now = this.#surface.layout.scene.camera ?? usual
    this.#plot.Plotly.relayout(this.#surface, { "scene.camera": camera(now, usual, wish) })
  }
}
