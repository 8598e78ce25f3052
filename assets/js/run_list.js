// The list of runs: a click opens one, always; boxes select; a column's head sorts, by value and not by spelling.

import { matching, pressed, sorted } from "./run_list/order.js"
import { showTop } from "./run_list/show.js"

const FEW = 8  // runs that need no search
// What a person has made of the list outlives the panel, which Streamlit may mount anew when another run is opened.
const kept = { order: null, picked: new Set(), search: "", asked: null }

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new RunList(parent.querySelector(".run-list"))
}

class RunList {
  #root
  #data = null
  #tell = null
  #rows = new Map()  // id → its row, so that a focus outlives news

  constructor(root) {
    this.#root = root
    this.#find(".filter").value = kept.search
    this.#find(".filter").oninput = (event) => { kept.search = event.target.value; this.#draw() }
    this.#find(".delete").onclick = () => this.#ask(true)
    this.#find(".keep").onclick = () => this.#ask(false)
    this.#find(".sure").onclick = () => {
      this.#ask(false)
      this.#tell("delete", [...kept.picked])
      kept.picked.clear()
    }
  }

  update({ data, setTriggerValue }) {
    this.#data = data
    this.#tell = setTriggerValue
    const here = new Set(data.rows.map(({ id }) => id)), { labels } = data
    for (const id of kept.picked) if (!here.has(id)) kept.picked.delete(id)
    for (const { id, is_under_way: isUnderWay } of data.rows) if (isUnderWay) kept.picked.delete(id)
    for (const id of this.#rows.keys()) if (!here.has(id)) this.#rows.delete(id)
    this.#find(".filter").hidden = data.rows.length <= FEW && !kept.search
    this.#find(".filter").placeholder = labels.filter
    this.#find(".filter").setAttribute("aria-label", labels.filter)
    this.#find("table").setAttribute("aria-label", labels.table)
    this.#find(".sure").textContent = labels.sure
    this.#find(".keep").textContent = labels.keep
    this.#draw()
    if (data.rows.some(({ id, is_open: isOpen }) => isOpen && id === kept.asked)) {
      kept.asked = null
      showTop(document.querySelector(data.chart))
    }
  }

  unmount() {}

  #find(query) {
    return this.#root.querySelector(query)
  }

  #draw() {
    this.#drawHead()
    const rows = sorted(matching(this.#data.rows, kept.search), kept.order)
    const body = this.#find("tbody"), drawn = rows.map((row) => this.#row(row))
    if (drawn.length !== body.children.length || drawn.some((row, i) => row !== body.children[i])) {
      body.replaceChildren(...drawn)
    }
    this.#count()
  }

  #drawHead() {
    const head = this.#find("thead tr"), { columns } = this.#data
    if (head.children.length !== columns.length + 1) {
      head.replaceChildren(...["", ...columns].map((column) => {
        const cell = document.createElement("th"), button = document.createElement("button")
        if (!column) return cell
        button.type = "button"
        button.onclick = () => { kept.order = pressed(kept.order, column.name); this.#draw() }
        cell.append(button)
        return cell
      }))
    }
    columns.forEach(({ name, label, is_number: isNumber }, i) => {
      const cell = head.children[i + 1], order = kept.order
      cell.firstChild.textContent = label
      cell.className = isNumber ? "number" : ""
      cell.ariaSort = order?.column !== name ? "none" : order.isDown ? "descending" : "ascending"
    })
  }

  #row({ id, is_open: isOpen, is_own: isOwn, is_under_way: isUnderWay, cells }) {
    const row = this.#rows.get(id) ?? this.#newRow(id), box = row.querySelector("input")
    row.classList.toggle("open", isOpen)
    row.ariaCurrent = isOpen
    box.hidden = !isOwn  // somebody else's is theirs to delete
    box.disabled = isUnderWay
    box.title = isUnderWay ? this.#data.labels.under_way : ""
    box.checked = kept.picked.has(id)
    box.setAttribute("aria-label", this.#data.labels.pick.replace("{name}", cells.name.text))
    this.#data.columns.forEach(({ name, label, is_number: isNumber }, i) => {
      const cell = row.children[i + 1], { text, note } = cells[name]
      cell.className = isNumber ? "number" : name
      if (isNumber) cell.dataset.label = label
      const place = name === "name" ? cell.querySelector("button") : cell.querySelector("span")
      place.textContent = text
      cell.querySelector("small").textContent = note ?? ""
      cell.querySelector("small").hidden = !note
    })
    return row
  }

  #newRow(id) {
    const row = document.createElement("tr"), pick = document.createElement("td"), box = document.createElement("input")
    row.dataset.run = id
    pick.className = "pick"
    box.type = "checkbox"
    box.onchange = () => {
      if (box.checked) kept.picked.add(id)
      else kept.picked.delete(id)
      this.#count()
    }
    pick.append(box)
    pick.onclick = (event) => {  // a near miss is meant for the box
      event.stopPropagation()
      if (event.target === pick) box.click()
    }
    row.append(pick, ...this.#data.columns.map(({ name }) => {
      const cell = document.createElement("td"), text = document.createElement(name === "name" ? "button" : "span")
      if (name === "name") text.type = "button"
      cell.append(text, document.createElement("small"))
      return cell
    }))
    row.onclick = () => {
      kept.asked = id
      this.#tell("open", id)
    }
    this.#rows.set(id, row)
    return row
  }

  #count() {
    const n = kept.picked.size, button = this.#find(".delete"), { labels } = this.#data
    button.textContent = n ? labels.delete_some.replace("{n}", n) : labels.delete
    button.disabled = !n
    this.#find(".ask b").textContent = labels.ask.replace("{n}", n)
    if (!n) this.#ask(false)
  }

  #ask(isAsked) {
    this.#find(".ask").hidden = !isAsked
    this.#find(".delete").hidden = isAsked
    if (isAsked) this.#find(".keep").focus()
  }
}
