// Shows what a network writes at a pace that an eye can follow, several texts side by side, and what else could
// have stood at every place.

import { copy, save } from "./core/download.js"
import { fixed } from "./core/format.js"
import { legend, showBars, visible } from "./core/tokens.js"
import { Lane } from "./write/lane.js"

const FRAME = 50     // ms between two looks at what has come
const CALM = 200     // ms between two sets of bars while a text is written: the machine may be training too
const COPIED = 1500  // ms that a button says so

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new WritePanel(parent.querySelector(".text-panel"))
}

class WritePanel {
  #root
  #data = null
  #lanes = []
  #ids = []            // what each lane shows
  #isStopped = false
  #waiting = []        // lanes that rest while it is stopped
  #pace = Infinity     // tokens a second
  #due = 0             // parts of a token that the clock owes
  #timer = null
  #looked = 0          // when bars were drawn last
  #isPinned = false    // a click or a key keeps the bars where they are
  #place = null        // the token whose bars are shown
  #seen = null         // its lane and its place there

  constructor(root) {
    this.#root = root
    this.#find(".stop").onclick = () => {
      if (this.#isStopped) this.#goOn()
      else this.#isStopped = true
      this.#report()
    }
    this.#find(".all").onclick = () => {
      this.#pace = Infinity
      this.#goOn()
      this.#report()
      this.#lanes[0]?.text.focus({ preventScroll: true })  // the button goes grey: ← and → are the text's now
    }
    this.#find(".speed input").oninput = () => this.#setPace()
    this.#find(".colours input").onchange = (event) => root.classList.toggle("plain", !event.target.checked)
    this.#find(".copy").onclick = () => this.#copy()
    this.#find(".save").onclick = () => save(this.#written(), this.#data.file)
  }

  update({ data }) {
    this.#data = data
    this.#label()
    const ids = data.lanes.map((lane) => lane.path ?? JSON.stringify(lane.tokens))
    if (JSON.stringify(ids) !== JSON.stringify(this.#ids) || !this.#lanes.length) {
      this.#ids = ids
      this.#begin()
    }
    data.lanes.forEach(({ title }, i) => { this.#lanes[i].title = title })
    this.#report()
    clearTimeout(this.#timer)
    this.#tick()
  }

  unmount() {
    clearTimeout(this.#timer)
    this.#lanes.forEach((lane) => lane.remove())
  }

  #find(query) {
    return this.#root.querySelector(query)
  }

  #label() {
    const { labels, streams } = this.#data
    for (const [query, text] of [[".all", labels.all], [".speed span", labels.speed], [".copy", labels.copy],
                                 [".colours span", labels.colours], [".save", labels.save], [".hint", labels.hint]]) {
      this.#find(query).textContent = text
    }
    legend(this.#find(".legend"), labels.legend)
    if (this.#seen) this.#tell()
    else this.#find(".side h4").textContent = labels.hover
    this.#root.setAttribute("aria-label", labels.panel)
    for (const query of [".stop", ".all", ".speed"]) this.#find(query).style.display = streams ? "" : "none"
  }

  // Other texts than before.
  #begin() {
    this.#lanes.forEach((lane) => lane.remove())
    this.#isPinned = false
    this.#place = this.#seen = null
    this.#due = 0
    this.#root.dataset.turn = Number(this.#root.dataset.turn ?? 0) + 1
    this.#goOn()
    this.#setPace()
    this.#find(".side h4").textContent = this.#data.labels.hover
    this.#find(".side .bars").replaceChildren()
    this.#lanes = this.#data.lanes.map((wish) => this.#lane(wish))
    this.#find(".lanes").classList.toggle("several", this.#lanes.length > 1)
    this.#find(".lanes").replaceChildren(...this.#lanes.map((lane) => lane.box))
  }

  #lane({ path, tokens }) {
    const lane = new Lane(this.#data.between, this.#data.labels.bits), at = (event) => event.target.dataset?.i
    lane.text.onpointerover = (event) => this.#look(lane, at(event))
    lane.text.onclick = (event) => { this.#isPinned = at(event) != null; this.#look(lane, at(event), true) }
    lane.text.onkeydown = (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (!way) return
      event.preventDefault()
      this.#isPinned = true
      this.#look(lane, Math.min(Math.max(lane.cursor + way, 0), lane.shown - 1), true)
    }
    const rest = async () => { if (this.#isStopped) await new Promise((go) => this.#waiting.push(go)) }
    if (path) lane.stream(path, rest, () => this.#report())
    else lane.fill(tokens)
    return lane
  }

  // --- the clock -------------------------------------------------------------------------------

  get #isBusy() {
    return this.#lanes.some((lane) => lane.isBusy)
  }

  #setPace() {
    const value = Number(this.#find(".speed input").value)
    const isAtOnce = value >= 100 || matchMedia("(prefers-reduced-motion: reduce)").matches
    this.#pace = isAtOnce ? Infinity : 2 * 10 ** (value / 38)
  }

  #goOn() {
    this.#isStopped = false
    for (const go of this.#waiting.splice(0)) go()
  }

  #tick() {
    if (!this.#isBusy) return
    this.#timer = setTimeout(() => this.#tick(), FRAME)
    if (this.#isStopped || document.hidden) return
    this.#due += this.#pace === Infinity ? 0 : this.#pace * FRAME / 1000
    const count = this.#pace === Infinity ? Infinity : Math.floor(this.#due)
    this.#due %= 1
    let hasMoved = false
    for (const lane of this.#lanes.filter(({ state }) => state === "writing" || state === "whole")) {
      const before = lane.shown
      lane.grow(count)
      hasMoved ||= lane.shown !== before || lane.state === "done"
    }
    if (!hasMoved) return
    const last = this.#lanes.findLast((lane) => lane.shown)
    if (last && !this.#isPinned && (!this.#isBusy || performance.now() - this.#looked > CALM)) {
      this.#looked = performance.now()
      this.#look(last, last.shown - 1)
    }
    this.#report()
  }

  #report() {
    const { labels } = this.#data, isBusy = this.#isBusy, hasFailed = this.#lanes.some(({ state }) => state === "failed")
    const isQueued = this.#lanes.some((lane) => lane.isQueued)
    const { dataset } = this.#root, lost = this.#find(".lost"), stop = this.#find(".stop")
    dataset.state = hasFailed ? "failed" : !isBusy ? "done" : this.#isStopped ? "stopped" : "writing"
    dataset.shown = this.#lanes.map((lane) => lane.shown).join(" ")
    dataset.queued = isQueued
    lost.hidden = !hasFailed && !isQueued
    const problem = this.#lanes.find((lane) => lane.problem)?.problem
    lost.textContent = problem || (hasFailed ? labels.failed : isQueued ? labels.queued : "")
    stop.textContent = this.#isStopped && isBusy ? labels.goOn : labels.stop
    stop.disabled = this.#find(".all").disabled = !isBusy
    for (const lane of this.#lanes) {
      const { text, state } = lane
      lane.tellCopied(labels)
      text.classList.toggle("cursor", (state === "writing" || state === "whole") && !this.#isStopped)
    }
  }

  // --- looking ---------------------------------------------------------------------------------

  // The bars of one place; a click or an arrow key keeps them there.
  #look(lane, place, isPressed = false) {
    if (place == null || (this.#isPinned && !isPressed && this.#place)) return
    const i = lane.cursor = Number(place), [token, , likeliest] = lane.tokens[i] ?? []
    if (!likeliest?.length) return
    this.#seen = { lane, i }
    this.#place?.classList.remove("at")
    this.#place = lane.text.querySelector(`.token[data-i="${i}"]`)
    if (this.#isPinned) this.#place?.classList.add("at")
    this.#tell()
    showBars(this.#find(".side .bars"), likeliest, token)
    this.#find(".side").hidden = false
  }

  // In words: the token that was looked at, and its surprise.
  #tell() {
    const { lane, i } = this.#seen, [token, bits] = lane.tokens[i]
    const words = this.#data.labels.place.replace("{n}", i + 1).replace("{bits}", fixed(bits, 2))
      .replace("{token}", () => visible(token))
    this.#find(".side h4").textContent = this.#lanes.length > 1 ? `${lane.title} · ${words}` : words
  }

  // --- taking away -----------------------------------------------------------------------------

  #written() {
    if (this.#lanes.length === 1) return this.#lanes[0].written
    return this.#lanes.map((lane) => `# ${lane.title}\n${lane.written}\n`).join("\n")
  }

  async #copy() {
    const button = this.#find(".copy")
    await copy(this.#written())
    button.textContent = this.#data.labels.copied
    setTimeout(() => { button.textContent = this.#data.labels.copy }, COPIED)
  }
}
