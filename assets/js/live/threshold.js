// The clipping threshold θ as an instrument: a line that is moved by hand, a switch and a field, and a mark on
// every chart where it was moved.

import { number, percent } from "../core/format.js"

const WAIT = 4000  // ms until a move that no poll has confirmed is told again
const REST = 400   // ms without another arrow key until a move is told
const MOST = 1e6   // as the setting's range has it
const KEYS = { ArrowUp: 1.1, ArrowDown: 1 / 1.1, PageUp: 2, PageDown: 1 / 2 }

/** @typedef {{epoch: number, limit: number | null}} Move */

/**
 * θ over the epochs: level, and straight up or down where it was moved; null while clipping is off.
 * @param {number | null} first
 * @param {Move[]} moves
 * @param {number} epoch where the curve ends
 * @returns {{x: number[], y: (number | null)[], customdata: string[]}} each value also as people read it
 */
export function thresholdCurve(first, moves, epoch) {
  const x = [0], y = [first]
  for (const { epoch: at, limit } of moves) {
    x.push(at, at)
    y.push(y.at(-1), limit)
  }
  x.push(epoch)
  y.push(y.at(-1))
  return { x, y, customdata: y.map((limit) => number(limit)) }
}

/**
 * A line at every move, labelled where there is room.
 * @param {Move[]} moves
 * @param {number} epoch where the curves end
 * @param {string} off what a move to no clipping is called
 * @returns {object[]} shapes as Plotly takes them
 */
export function moveMarks(moves, epoch, off) {
  const isCrowded = (i) => moves[i + 1]?.epoch - moves[i].epoch < epoch / 8
  return moves.map(({ epoch: at, limit }, i) => ({
    type: "line", yref: "paper", x0: at, x1: at, y0: 0, y1: 1, line: { width: 1, dash: "dashdot" },
    label: { text: isCrowded(i) ? "" : limit == null ? off : `θ → ${number(limit)}`, textangle: 0, padding: 4,
             textposition: "end", xanchor: at > epoch / 8 ? "right" : "left", yanchor: "top" } }))
}

/**
 * What clipping did to the last epoch's steps.
 * @param {import("../core/history.js").Metrics} metrics
 * @param {{unclipped: string, none_clipped: string, clipped: string}} labels
 */
export function clippedText({ limit, clipped }, labels) {
  if (!clipped) return ""
  if (clipped.share) {
    return labels.clipped.replace("{share}", percent(Math.max(0.01, clipped.share), 0))
      .replace("{scale}", number(clipped.scale))
  }
  return limit == null ? labels.unclipped : labels.none_clipped
}

export class Threshold {
  #root
  #chart
  #tell
  #held = null      // under a hand
  #moved = null     // told, but not yet confirmed
  #limit = null     // as the run has it; null is off
  #last = null      // as it was when it was on
  #isLive = false
  #timer = null
  mayMove = true    // somebody else's run is theirs to steer

  /**
   * @param {Element} root
   * @param {HTMLElement} chart whose y-axis the line stands on
   * @param {(limit: string) => void} tell asks the page for a move; "off" ends clipping
   */
  constructor(root, chart, tell) {
    this.#root = root
    this.#chart = chart
    this.#tell = (limit) => tell(limit == null ? "off" : String(limit))
    this.handle = root.querySelector(".theta")
    this.box = root.querySelector(".clip-on")
    this.field = root.querySelector(".clip-at")
    this.#listen()
  }

  /** Forget another run's. */
  clear() {
    clearTimeout(this.#timer)
    this.#held = this.#moved = this.#last = this.#limit = null
    this.#isLive = false
    this.place()
  }

  /**
   * Take a new answer: where θ stands, and whether a hand may move it.
   * @param {import("../core/history.js").History} history
   */
  take({ status, metrics }) {
    this.#isLive = this.mayMove && (status === "running" || status === "paused")
    this.#limit = metrics.limit
    if (this.#limit != null) this.#last = this.#limit
    if (this.#moved?.limit === this.#limit) this.#moved = null
    if (this.#moved && Date.now() > this.#moved.until) {
      if (this.#isLive && this.#moved.left-- > 0) {  // the page was busy, and the news got lost on the way
        this.#moved.until = Date.now() + WAIT
        this.#tell(this.#moved.limit)
      } else this.#moved = null
    }
  }

  /**
   * Say what clipping did.
   * @param {import("../core/history.js").History} history
   * @param {object} labels
   */
  show({ metrics }, labels) {
    this.handle.title = this.#isLive ? labels.move : ""
    this.#root.querySelector(".clipped").textContent = clippedText(metrics, labels)
    this.place()
  }

  /** Put handle, switch and field where θ stands; called whenever the chart has been drawn. */
  place() {
    const axis = this.#axis, now = this.#now
    const place = now == null || !axis ? NaN : axis.d2p(now)
    this.handle.hidden = !(place >= -1 && place <= axis?._length + 1)  // off, or out of what a zoom shows
    if (!this.handle.hidden) {
      this.handle.style.top = `${axis._offset + place}px`
      this.handle.style.left = `${this.#chart._fullLayout.xaxis._offset}px`
      this.handle.querySelector("b").textContent = `θ = ${number(now)}`
      this.handle.setAttribute("aria-valuenow", now)
      this.handle.setAttribute("aria-valuetext", number(now))
    }
    this.#root.querySelector(".clip").dataset.live = this.#isLive
    this.handle.tabIndex = this.#isLive ? 0 : -1
    this.handle.setAttribute("aria-disabled", !this.#isLive)
    this.box.disabled = !this.#isLive
    this.box.checked = now != null
    if (document.activeElement !== this.field) this.field.value = now == null ? "" : Number(now.toPrecision(6))
    this.field.disabled = this.box.disabled || now == null
  }

  /** @param {string} words for whoever hears the page */
  name(words) {
    for (const control of [this.handle, this.field]) control.setAttribute("aria-label", words)
  }

  unmount() {
    clearTimeout(this.#timer)
  }

  // θ as it is shown.
  get #now() {
    return this.#held ?? (this.#moved ? this.#moved.limit : this.#limit)
  }

  get #axis() {
    return this.#chart._fullLayout?.yaxis
  }

  #move(limit) {
    this.#held = null
    if (limit == null || (limit > 0 && limit <= MOST)) this.#moved = { limit, until: Date.now() + WAIT, left: 3 }
    else this.field.blur()  // the page says what is wrong; the field goes back
    this.#tell(limit)
    this.place()
  }

  #drop() {
    if (this.#held != null) this.#move(this.#held)
  }

  #listen() {
    const { handle, box, field } = this
    handle.onpointerdown = (event) => {
      if (!this.#isLive) return
      event.preventDefault()
      handle.focus()
      handle.setPointerCapture(event.pointerId)
      this.#held = this.#now
    }
    handle.onpointermove = (event) => {
      if (this.#held == null || !handle.hasPointerCapture(event.pointerId)) return
      const axis = this.#axis, top = this.#chart.getBoundingClientRect().top + axis._offset
      const place = Math.min(Math.max(event.clientY - top, 0), axis._length)
      this.#held = Number(axis.p2d(place).toPrecision(3))
      this.place()
    }
    handle.onpointerup = () => this.#drop()
    handle.onpointercancel = () => { this.#held = null; this.place() }
    handle.onkeydown = (event) => {
      const factor = KEYS[event.key]
      if (!factor || !this.#isLive) return
      event.preventDefault()
      this.#held = Number((this.#now * factor).toPrecision(3))
      this.place()
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#drop(), REST)
    }
    box.onchange = () => this.#move(box.checked ? this.#last ?? 1 : null)
    field.onchange = () => {
      if (field.value === "") this.place()
      else this.#move(Number(field.value))
    }
  }
}
