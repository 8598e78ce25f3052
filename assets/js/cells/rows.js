// What the list of findings can say without a browser.

import { inLine, visible } from "../core/tokens.js"

/**
 * @typedef {object} Passage
 * @property {string[]} tokens
 * @property {string} between follows every token
 * @property {number[]} levels of the colour scale, whole
 * @property {string[]} values as they are read
 * @property {boolean[] | null} holds where a yes-or-no idea holds; null for a number
 * @property {string} palette
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {"memory" | "token"} group
 * @property {[number, number]} gauge strength and chance, each from 0, nothing, to 1, everything
 */

/** The groups in their order, each with its rows; none is empty. */
export function grouped(rows) {
  const groups = new Map()
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row])
  return [...groups].map(([name, members]) => ({ name, rows: members }))
}

/**
 * The pieces of a passage, one a token: text, colours, what is told of it.
 * @param {Passage} passage
 * @param {Object<string, [string, string][]>} palettes background and text colour of every level
 */
export function pieces({ tokens, between, levels, values, holds, palette }, palettes) {
  const shades = palettes[palette]
  return tokens.map((token, i) => {
    const [background, color] = shades[Math.min(Math.max(levels[i], 0), shades.length - 1)]
    return { text: inLine(token) + between, background, color, holds: Boolean(holds?.[i]),
             told: `${visible(token)} ${values[i]}` }
  })
}

/** A scale as a CSS gradient. */
export function gradient(shades) {
  return `linear-gradient(to right, ${shades.map(([background]) => background).join(", ")})`
}

/** Where the bar ends and where chance is marked, in percent. */
export function gauge([strength, chance]) {
  const percent = (part) => Math.round(1000 * Math.min(Math.max(part || 0, 0), 1)) / 10
  return { filled: percent(strength), marked: percent(chance) }
}

/**
 * The row that a key leads to; null where it leads nowhere.
 * @param {string[]} names of all rows, in their order
 * @param {string} at
 * @param {string} key
 */
export function beside(names, at, key) {
  const i = names.indexOf(at)
  const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: names.length - 1 }[key]
  return i < 0 || to === undefined || to === i ? null : names[to] ?? null
}
