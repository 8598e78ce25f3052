// What a network has learnt to follow: one row an idea, its unit drawn over a passage of the text.

import { beside, gauge, gradient, grouped, pieces } from "./cells/rows.js"
import { PlotPanel } from "./core/plot_panel.js"
import { paint, themed } from "./core/theme.js"

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new Cells(parent.querySelector(".cells"))
}

function make(tag, name, text = "") {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = text
  return element
}

class Cells {
  #root
  #plot
  #rows = new Map()   // element by name: kept, so that a row that has the focus keeps it
  #drawn = new Map()  // what each shows
  #shape = null       // which rows stand where
  #isOpen = new Set() // groups
  #chart = make("div", "chart")
  #data = null
  #tell = null

  constructor(root) {
    this.#root = root
    this.#chart.setAttribute("role", "img")
    this.#plot = new PlotPanel(root, () => this.#plotFormation())
    root.addEventListener("keydown", this.#pressed)
  }

  update({ data, setTriggerValue }) {
    this.#data = data
    this.#tell = (action, name) => setTriggerValue("pick", { action, name })
    const { labels } = data
    this.#root.setAttribute("aria-label", labels.list)
    this.#root.dataset.epoch = data.epoch
    this.#find(".summary").textContent = data.summary
    this.#find(".hint").textContent = labels.hint
    this.#find(".unread").textContent = labels.unread
    this.#find(".unread").hidden = data.may_read
    this.#drawRows()
    this.#drawRest()
    this.#plot.update(data)
  }

  unmount() {
    this.#root.removeEventListener("keydown", this.#pressed)
    this.#plot.unmount()
  }

  #find(selector) {
    return this.#root.querySelector(selector)
  }

  #drawRows() {
    const { rows, labels } = this.#data, wanted = new Set(rows.map(({ name }) => name))
    for (const [name, row] of this.#rows) {
      if (wanted.has(name)) continue
      row.remove()
      this.#rows.delete(name)
      this.#drawn.delete(name)
    }
    const groups = grouped(rows), shape = JSON.stringify(groups.map(({ name, rows: members }) => [
      labels[name], members.map((row) => row.name)]))
    for (const row of rows) this.#row(row)
    if (shape === this.#shape) return  // a row that is moved in the document loses the focus, and its scroll
    this.#shape = shape
    this.#find(".groups").replaceChildren(...groups.map(({ name, rows: members }) => {
      const box = make("details", "group"), list = make("ul", "rows")
      list.append(...members.map((row) => this.#rows.get(row.name)))
      box.append(make("summary", "", `${labels[name]} (${members.length})`), list)
      box.open = name === groups[0].name || this.#isOpen.has(name) || members.some((row) => row.name === this.#data.opened)
      box.ontoggle = () => this.#isOpen[box.open ? "add" : "delete"](name)
      return box
    }))
  }

  #row(row) {
    const item = this.#rows.get(row.name) ?? this.#newRow(row.name), { opened, palettes, labels } = this.#data
    const isOpen = opened === row.name
    const drawn = JSON.stringify([row, isOpen, labels])
    if (this.#drawn.get(row.name) === drawn) return
    this.#drawn.set(row.name, drawn)
    const part = (name) => item.querySelector(`.${name}`)
    item.dataset.kind = row.kind
    for (const name of ["title", "badge", "unit", "score", "chance", "says", "next"]) part(name).textContent = row[name]
    const { filled, marked } = gauge(row.gauge)
    part("gauge").firstChild.style.width = `${filled}%`
    part("gauge").lastChild.style.left = `${marked}%`
    part("actions").replaceChildren(...row.actions.map((action) => {
      const isClose = action === "formation" && isOpen
      const button = make("button", "", labels[isClose ? "close" : action])
      button.dataset.action = action
      button.type = "button"
      button.setAttribute("aria-label", `${button.textContent}: ${row.title}`)
      if (action === "formation") button.ariaExpanded = isOpen
      button.onclick = () => this.#tell(action, row.name)
      return button
    }))
    this.#drawPassage(part("passage"), row.passage, palettes)
  }

  #newRow(name) {
    const item = make("li", "row"), head = make("div", "head"), bar = make("span", "gauge")
    item.dataset.name = name
    item.tabIndex = 0
    bar.setAttribute("aria-hidden", "true")  // its numbers stand beside it
    bar.append(make("i", ""), make("b", ""))
    head.append(...["title", "badge", "unit", "score"].map((part) => make("span", part)), bar, make("span", "chance"))
    item.append(head, make("p", "says"), make("figure", "passage"), make("p", "next"), make("div", "actions"),
                make("div", "formed"))
    this.#rows.set(name, item)
    return item
  }

  #drawPassage(figure, passage, palettes) {
    figure.hidden = !passage
    if (!passage) return
    const text = make("div", "text"), legend = make("figcaption", ""), bar = make("i", "scale"), { labels } = this.#data
    text.append(...pieces(passage, palettes).map(({ text: shown, background, color, holds, told }) => {
      const span = make("span", holds ? "holds" : "", shown)
      span.style.background = background
      span.style.color = color
      span.title = told
      return span
    }))
    bar.style.background = gradient(palettes[passage.palette])
    legend.append(make("span", "", `${passage.name}: ${passage.low}`), bar, make("span", "", passage.high))
    if (passage.holds) legend.append(make("span", "holds", labels.holds))
    figure.replaceChildren(text, legend)
  }

  #drawRest() {
    const { rest, labels } = this.#data, box = this.#find(".rest")
    box.hidden = !rest.length
    box.querySelector("h4").textContent = labels.rest
    box.querySelector("ul").replaceChildren(...rest.map(({ title, says }) => {
      const item = make("li", "")
      item.append(make("b", "", title), ` – ${says}`)
      return item
    }))
  }

  // The chart of the opened row, moved below it; zoom and hover outlive new points.
  #plotFormation() {
    const { opened, formation, is_read: isRead, labels, rows } = this.#data
    for (const item of this.#rows.values()) {
      const place = item.querySelector(".formed"), isOpen = item.dataset.name === opened
      if (!isOpen) place.replaceChildren()
      else if (!formation) place.replaceChildren(isRead ? labels.too_few : labels.reading)
      else if (place.firstChild !== this.#chart) place.replaceChildren(this.#chart)
    }
    if (!formation || !rows.some(({ name }) => name === opened)) return
    const { layout, traces } = paint(formation, themed(this.#root))
    this.#plot.react(this.#chart, traces, { ...layout, uirevision: opened })
  }

  // ↑ and ↓ go from row to row, Enter opens the row's unit; a button keeps its own keys.
  #pressed = (event) => {
    const { target, key } = event
    if (!target.classList.contains("row") || event.altKey || event.ctrlKey || event.metaKey) return
    const { name } = target.dataset
    if (key === "Enter") this.#tell("lens", name)
    else {
      const names = [...this.#root.querySelectorAll(".group[open] .row")].map((row) => row.dataset.name)
      const to = beside(names, name, key)
      if (to === null) return
      this.#rows.get(to).focus()
    }
    event.preventDefault()
  }
}
