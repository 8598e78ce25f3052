// Text as tokens that can be looked at, and bars of what else could have stood there.

import { fixed, percent } from "./format.js"

/**
 * @typedef {[string, number, number]} Candidate text, the network's own probability, what the choice is made with
 * @typedef {[string, number | null, Candidate[], boolean?]} Token text, surprise in bits, the likeliest, known
 */

const STEPS = [1, 2, 4, 7]  // bits from which a token's mark grows thicker
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥", "\u3000": "□" }

/**
 * A token, with a sign for what cannot be seen.
 * @param {string} token
 */
export function visible(token) {
  return SIGNS[token] ?? token
}

/**
 * A token as a part of a text that is drawn with its lines: where one ends is seen.
 * @param {string} token
 */
export function inLine(token) {
  return token === "\n" ? "⏎\n" : token
}

function level(bits) {
  return bits == null ? 0 : STEPS.filter((from) => bits >= from).length
}

/**
 * @param {Token} token
 * @param {number} i its place in the text
 * @param {string} between follows every token
 * @param {string} words `{n} bits` in the page's language
 */
export function tokenSpan([text, bits, , known], i, between, words) {
  const span = document.createElement("span")
  span.textContent = inLine(text) + between
  span.className = `token level${level(bits)}${known === false ? " unknown" : ""}`
  span.dataset.i = i
  if (bits != null) span.title = `${visible(text)} · ${words.replace("{n}", fixed(bits, 2))}`
  return span
}

/**
 * Rows of candidates: the filled bar is what the choice is made with, the tick the network's own probability.
 * @param {Element} box
 * @param {Candidate[]} top
 * @param {string | null} chosen its row is marked
 */
export function showBars(box, top, chosen) {
  box.replaceChildren(...top.map(([text, own, shaped]) => {
    const row = document.createElement("div"), name = document.createElement("span")
    const track = document.createElement("span"), number = document.createElement("span")
    row.className = text === chosen ? "row chosen" : "row"
    name.className = "name"
    name.textContent = visible(text)
    track.className = "track"
    const fill = document.createElement("i"), tick = document.createElement("b")
    fill.style.width = `${100 * shaped}%`
    tick.style.left = `${100 * own}%`
    tick.hidden = Math.abs(own - shaped) < 0.005
    track.append(fill, tick)
    number.className = "number"
    number.textContent = percent(shaped)
    row.append(name, track, number)
    return row
  }))
}

/**
 * What the colours mean, in bits.
 * @param {Element} box
 * @param {string} words
 */
export function legend(box, words) {
  const parts = [`< ${STEPS[0]}`, ...STEPS.map((from, i) => (
    i + 1 < STEPS.length ? `${from} – ${STEPS[i + 1]}` : `≥ ${from}`))]
  box.replaceChildren(`${words} `, ...parts.map((text, i) => {
    const span = document.createElement("span")
    span.className = `token level${i}`
    span.textContent = text
    return span
  }))
}
