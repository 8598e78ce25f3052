// A passage of a text in which a person marks a stretch, the units that are on through it, and where else they are.

import { inLine, visible } from "./core/tokens.js"
import { Marking } from "./search/marking.js"
import { matchRow, paint } from "./search/rows.js"

const AT_ONCE = 10  // matches that are shown before somebody asks for more

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new SearchPanel(parent.querySelector(".search-panel"))
}

class SearchPanel {
  #root
  #passage
  #data = null
  #tell = null
  #marking = new Marking()
  #spans = []          // of the passage's tokens
  #drawn = {}          // what each part shows
  #showsAll = false

  constructor(root) {
    this.#root = root
    this.#passage = root.querySelector(".passage")
    const at = (event) => this.#at(event)
    this.#passage.onpointerdown = (event) => {
      if (event.pointerType === "touch" || event.button || at(event) === null) return
      event.preventDefault()  // the browser would select text
      this.#passage.focus({ preventScroll: true })
      this.#show(this.#marking.press(at(event), { extends: event.shiftKey }))
    }
    this.#passage.onpointermove = (event) => {
      if (at(event) === null || this.#marking.hand !== "drag") return
      this.#marking.over(at(event))
      this.#show(false)
    }
    this.#passage.onclick = (event) => {  // a finger that has scrolled does not click
      if (event.pointerType !== "touch" || at(event) === null) return
      this.#show(this.#marking.press(at(event), { isTouch: true }))
    }
    this.#passage.onkeydown = (event) => this.#pressed(event)
    document.addEventListener("pointerup", this.#released)
    root.querySelector(".more").onclick = () => { this.#showsAll = true; this.#matches() }
  }

  update({ data, setTriggerValue }) {
    const before = this.#data
    this.#data = data
    this.#tell = setTriggerValue
    this.#root.setAttribute("aria-label", data.labels.panel)
    this.#passage.setAttribute("aria-label", `${data.labels.passage}. ${this.#hint()}`)
    this.#root.querySelector(".hint").textContent = this.#hint()
    const { start, tokens } = data.passage
    this.#marking.take({ start, stop: start + tokens.length, most: data.most, mark: data.mark, answered: data.answered })
    if (before && before.found !== data.found) this.#showsAll = false
    this.#text()
    this.#legend()
    this.#units()
    this.#matches()
    this.#show(false)
  }

  unmount() {
    document.removeEventListener("pointerup", this.#released)
  }

  #hint() {
    const { labels } = this.#data
    return matchMedia("(pointer: coarse)").matches ? labels.touch : labels.hint
  }

  #isNew(part, value) {
    const text = JSON.stringify(value), isNew = this.#drawn[part] !== text
    this.#drawn[part] = text
    return isNew
  }

  #at({ target }) {
    const i = target.dataset?.i
    return i === undefined ? null : Number(i)
  }

  // --- the passage -----------------------------------------------------------------------------

  #text() {
    const { passage, of, between, labels } = this.#data
    if (!this.#isNew("passage", [passage, of, labels])) return
    this.#spans = passage.tokens.map((token, k) => {
      const span = document.createElement("span"), i = passage.start + k
      span.className = passage.found[k] ? "token found" : "token"
      span.id = `search-token-${i}`
      span.dataset.i = i
      span.setAttribute("role", "option")
      span.textContent = inLine(token) + between
      span.setAttribute("aria-label", visible(token))
      paint(span, passage.colours?.[k] ?? passage.counts?.[k] ?? null, of, labels)
      return span
    })
    this.#passage.replaceChildren(...this.#spans)
  }

  // What colours mean: of a unit in the passage, of units that are on in the passage and below.
  #legend() {
    const { labels, of, found } = this.#data, box = this.#root.querySelector(".scale")
    this.#root.querySelector(".legend").textContent = labels.legend
    box.hidden = !of || (!found.length && labels.legend)
    if (box.hidden || !this.#isNew("scale", [of, labels])) return
    const samples = [...new Set([0, Math.round(of / 3), Math.round(2 * of / 3), of])].map((count) => {
      const sample = document.createElement("span")
      sample.className = "token"
      sample.textContent = String(count)
      paint(sample, count, of, labels)
      return sample
    })
    box.replaceChildren(labels.scale, ...samples.flatMap((sample) => [" ", sample]))
  }

  #pressed(event) {
    const { key, shiftKey } = event
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const to = this.#moved(key)
    if (to !== null) this.#marking.move(to, shiftKey)
    else if (key === "Escape") this.#marking.cancel()
    else if (key !== "Enter" && key !== " ") return
    event.preventDefault()
    this.#show(to === null && key !== "Escape" && this.#marking.enter())
  }

  // Where a key leads; null where it moves nothing.
  #moved(key) {
    const { cursor } = this.#marking, { start, tokens } = this.#data.passage
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key], line = { ArrowUp: -1, ArrowDown: 1 }[key]
    if (step) return cursor + step
    if (key === "Home") return start
    if (key === "End") return start + tokens.length - 1
    return line ? this.#below(cursor, line) : null
  }

  // The token of the next line that stands nearest below or above another one.
  #below(cursor, way) {
    const { start } = this.#data.passage, box = (span) => span.getClientRects()[0] ?? span.getBoundingClientRect()
    const here = box(this.#spans[cursor - start])
    let line = null, best = cursor, nearest = Infinity
    for (let i = cursor - start + way; this.#spans[i]; i += way) {
      const there = box(this.#spans[i])
      if (way * (there.top - here.top) < here.height / 2) continue
      line ??= there.top
      if (Math.abs(there.top - line) > here.height / 2) break
      const distance = Math.abs(there.left - here.left)
      if (distance < nearest) { nearest = distance; best = start + i }
    }
    return best
  }

  #released = () => this.#show(this.#marking.release())

  // What is marked, and what follows from it for whoever reads the page.
  #show(isDone) {
    if (!this.#data) return
    if (isDone) this.#tell("mark", this.#marking.told())
    const { mark, cursor, isPending, hand } = this.#marking, { labels } = this.#data
    for (const span of this.#spans) {
      const i = Number(span.dataset.i), isMarked = mark !== null && i >= mark.from && i < mark.to
      span.classList.toggle("marked", isMarked)
      span.classList.toggle("first", isMarked && i === mark.from)
      span.classList.toggle("last", isMarked && i === mark.to - 1)
      span.classList.toggle("cursor", i === cursor)
      span.setAttribute("aria-selected", isMarked)
    }
    this.#passage.setAttribute("aria-activedescendant", `search-token-${cursor}`)
    const state = this.#root.querySelector(".state")
    const count = mark ? mark.to - mark.from : 0
    state.textContent = hand === "half" ? labels.half
      : isPending ? labels.pending.replace("{n}", count) : this.#data.summary
    state.hidden = !state.textContent
    Object.assign(this.#root.dataset, { from: mark?.from ?? "", to: mark?.to ?? "", pending: isPending,
                                        matches: this.#data.found.length })
  }

  // --- what was found --------------------------------------------------------------------------

  #units() {
    const { units, labels } = this.#data, box = this.#root.querySelector(".units")
    if (!this.#isNew("units", [units, labels])) return
    box.hidden = !units.length
    const links = units.map(({ unit, link, told }) => {
      const a = document.createElement("a")
      a.href = link
      a.textContent = unit
      a.title = told
      a.onclick = (event) => {  // another tab is the browser's business; here the page stays and keeps its state
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        this.#tell("unit", { unit })
      }
      return a
    })
    box.replaceChildren(labels.units, ...links, labels.further)
  }

  #matches() {
    const { found, of, between, labels } = this.#data, box = this.#root.querySelector(".matches")
    const more = this.#root.querySelector(".more"), shown = this.#showsAll ? found : found.slice(0, AT_ONCE)
    more.hidden = shown.length === found.length
    more.textContent = labels.more.replace("{n}", found.length)
    if (!this.#isNew("matches", [shown, of, between, labels])) return
    box.replaceChildren(...shown.map((match, i) => {
      const row = matchRow(match, i + 1, { of, between, labels })
      row.querySelector("button").onclick = () => this.#tell("follow", { from: match.start, to: match.stop })
      return row
    }))
    for (const row of box.children) this.#centre(row.querySelector(".scroll"))
  }

  // The stretch that was found is what a narrow screen shows of a line.
  #centre(scroll) {
    const first = scroll.querySelector(".first"), last = scroll.querySelector(".last")
    scroll.scrollLeft = (first.offsetLeft + last.offsetLeft + last.offsetWidth - scroll.clientWidth) / 2 - scroll.offsetLeft
  }
}
