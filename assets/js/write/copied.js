// What of a written text stands in the text that was trained on: a sentence, and the text with those stretches marked.

import { percent } from "../core/format.js"
import { inLine } from "../core/tokens.js"

const QUOTED = 80  // characters of the longest piece that the sentence has

/**
 * Places are counted in characters, as Python counts them, not in halves of those that JavaScript takes two for.
 * @typedef {{stretches: [number, number][], longest: [number, number], share: number, least: number}} Found
 * @typedef {{problem: string}} Problem
 * @typedef {{copiedShare: string, copiedLittle: string, copiedNothing: string}} Labels
 */

/**
 * A text in parts, every second of which is copied.
 * @param {string} text
 * @param {[number, number][]} stretches apart, in order
 * @returns {string[]} joined they are the text
 */
export function parts(text, stretches) {
  const characters = [...text], edges = [0, ...stretches.flat(), characters.length]
  return edges.slice(1).map((edge, i) => characters.slice(edges[i], edge).join(""))
}

/**
 * What is copied, in words.
 * @param {string} text
 * @param {Found} found
 * @param {Labels} labels
 */
export function sentence(text, { stretches, longest: [start, stop], share, least }, labels) {
  if (start === stop) return labels.copiedNothing
  const piece = [...text].slice(start, stop), shown = piece.slice(0, QUOTED).map(inOneLine).join("")
  return (stretches.length ? labels.copiedShare : labels.copiedLittle)
    .replace("{share}", percent(share)).replace("{least}", least).replace("{longest}", stop - start)
    .replace("{piece}", () => shown + (piece.length > QUOTED ? "…" : ""))
}

function inOneLine(character) {
  return character === "\n" ? "⏎" : character
}

/** Where that is told, below a text. */
export class Copied {
  #line = document.createElement("p")
  #text = document.createElement("p")
  #drawn = ""  // the sentence that stands there
  box = document.createElement("div")
  /** @type {Found | Problem | null} null: nothing is known */
  told = null

  constructor() {
    this.box.className = "copied"
    this.box.hidden = true
    this.#line.className = "copied-line"
    this.#text.className = "copied-text"
    this.box.append(this.#line, this.#text)
  }

  /**
   * Draw it; again where the labels are in another language.
   * @param {string} text what was written
   * @param {Labels} labels
   */
  draw(text, labels) {
    if (!this.told) return
    const { problem, stretches = [] } = this.told, words = problem ?? sentence(text, this.told, labels)
    if (words === this.#drawn) return
    this.#drawn = this.#line.textContent = words
    this.#text.hidden = !stretches.length
    this.#text.replaceChildren(...parts(text, stretches).map((part, i) => {
      const shown = document.createElement(i % 2 ? "mark" : "span")
      shown.textContent = [...part].map(inLine).join("")
      return shown
    }))
    this.box.hidden = false
  }
}
