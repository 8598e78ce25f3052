// One match: its stretch and what stands around it, coloured, with what holds at each token below.

import { visible } from "../core/tokens.js"
import { columns, gradient, runs, strength } from "./strips.js"

/**
 * @typedef {object} Match
 * @property {number} start its first token
 * @property {number} stop after its last one
 * @property {number} overlap how many units are on all through it
 * @property {string} place where it is, in words
 * @property {number} shown the first token that is shown
 * @property {string[]} tokens
 * @property {number[]} counts units that are on at each token
 * @property {{title: string, told: string, digits: string}[]} tracks
 */

/**
 * Colours a token.
 * @param {HTMLElement} span
 * @param {[string, string, string] | number | null} value background, text and words; or how many units are on
 * @param {number} of how many there are
 * @param {Record<string, string>} labels
 */
export function paint(span, value, of, labels) {
  if (value === null) return
  if (typeof value === "number") {
    const { share, line } = strength(value, of)
    span.style.background = share ? `color-mix(in srgb, var(--on) ${Math.round(60 * share)}%, transparent)` : ""
    span.style.borderBottomWidth = `${line}px`
    span.title = labels.count.replace("{n}", value).replace("{of}", of)
  } else {
    [span.style.background, span.style.color, span.title] = value
  }
}

/**
 * @param {Match} match
 * @param {number} n its rank, from 1
 * @param {{of: number, between: string, labels: Record<string, string>}} how
 * @returns {HTMLElement}
 */
export function matchRow(match, n, { of, between, labels }) {
  const row = element("article", "match"), head = element("header"), follow = element("button", "", labels.follow)
  follow.type = "button"
  follow.setAttribute("aria-label", `${labels.follow}: ${n}, ${match.place}`)
  const overlap = element("b", "", labels.overlap.replace("{n}", match.overlap).replace("{of}", of))
  head.append(element("span", "", `${n}.`), overlap, element("span", "place", match.place), follow)
  const rows = element("div", "rows"), names = element("div", "names"), scroll = element("div", "scroll")
  scroll.tabIndex = 0
  scroll.setAttribute("role", "group")
  scroll.setAttribute("aria-label", match.tokens.slice(match.start - match.shown, match.stop - match.shown).map(visible).join(between))
  const widths = match.tokens.map((token) => columns(visible(token)) + columns(between))
  const line = element("div", "line")
  line.append(...match.tokens.map((token, k) => {
    const span = element("span", "token", visible(token)), i = match.shown + k
    span.style.width = `${widths[k]}ch`
    if (i >= match.start && i < match.stop) span.classList.add("marked")
    span.classList.toggle("first", i === match.start)
    span.classList.toggle("last", i === match.stop - 1)
    paint(span, match.counts[k], of, labels)
    return span
  }))
  scroll.append(line)
  const whole = widths.reduce((sum, width) => sum + width, 0)
  for (const { title, told, digits } of match.tracks) {
    const name = element("div", "", title), track = element("div", "track")
    name.title = title
    track.style.width = `${whole}ch`
    track.style.backgroundImage = gradient(runs(digits, widths))
    track.setAttribute("role", "img")
    track.setAttribute("aria-label", `${title}: ${told}`)
    track.title = told
    names.append(name)
    scroll.append(track)
  }
  rows.append(names, scroll)
  row.append(head, rows)
  return row
}

function element(tag, name = "", text = "") {
  const made = document.createElement(tag)
  made.className = name
  made.textContent = text
  return made
}
