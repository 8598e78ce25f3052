// What is on the wall and in which order, without a browser.

import { exact } from "../core/format.js"

/**
 * @typedef {object} Card as `WallCard` in playground/records/wall.py
 * @property {string} id
 * @property {string} name
 * @property {{name: string, number: number | null} | null} owner null is whoever owns the machine
 * @property {string} status
 * @property {string | null} trouble
 * @property {number | null} place in the queue, from 1; null for a run that does not wait
 * @property {string | null} caveat why its perplexity must not stand beside others unmarked
 * @property {number} created_at
 * @property {number | null} train_loss
 * @property {number | null} heldout_loss
 * @property {Object<string, unknown>} settings
 */

const TROUBLES = ["failed", "diverged", "exploded", "silent", "stuck"]  // the worst first
const STATUSES = ["running", "starting", "paused", "queued"]            // what is under way comes before what has ended
const rank = (list, word) => (list.includes(word) ? list.indexOf(word) : list.length)
const worth = ({ heldout_loss: heldout, train_loss: train }) => heldout ?? train ?? Infinity

/** The ways to sort, by name; each compares two cards, equal ones stay as they came. */
export const ORDERS = {
  trouble: (a, b) => rank(TROUBLES, a.trouble) - rank(TROUBLES, b.trouble) || rank(STATUSES, a.status) - rank(STATUSES, b.status),
  newest: (a, b) => b.created_at - a.created_at,
  perplexity: (a, b) => (a.caveat != null) - (b.caveat != null) || (worth(a) === worth(b) ? 0 : worth(a) - worth(b)),
  owner: (a, b) => (a.owner?.name ?? "").localeCompare(b.owner?.name ?? "") || (a.owner?.number ?? 0) - (b.owner?.number ?? 0),
}

/** Cards by id, kept up to date by what the server tells. */
export class Cards {
  #cards = new Map()
  cursor = 0
  /** @type {string[]} newest first */
  ids = []
  leftOff = 0
  isHeld = false
  /** @type {Object<string, string>} what the cards' texts are called, by id */
  texts = {}

  /** Takes an answer: the cards that have changed, and which ones there are. */
  take({ cursor, ids, left_off: leftOff, is_held: isHeld, cards, texts }) {
    for (const card of cards) this.#cards.set(card.id, card)
    for (const id of this.#cards.keys()) if (!ids.includes(id)) this.#cards.delete(id)
    Object.assign(this, { cursor, ids, leftOff, isHeld, texts: { ...this.texts, ...texts } })
  }

  /** @returns {Card[]} newest first */
  all() {
    return this.ids.map((id) => this.#cards.get(id)).filter(Boolean)
  }
}

/**
 * Cards in an order. Where they must not move under a hand, those that were shown keep their places.
 * @param {Card[]} cards
 * @param {string} order a name of ORDERS
 * @param {string[]} [fixed] ids as they stand on the screen
 */
export function ordered(cards, order, fixed) {
  const sorted = [...cards].sort(ORDERS[order] ?? ORDERS.trouble)
  if (!fixed) return sorted
  const at = (card) => rank(fixed, card.id)
  return sorted.sort((a, b) => at(a) - at(b))
}

/**
 * The names of the settings in which the cards differ.
 * @param {Card[]} cards
 * @returns {Set<string>}
 */
export function differing(cards) {
  const names = new Set(cards.flatMap(({ settings }) => Object.keys(settings)))
  return new Set([...names].filter((name) => new Set(cards.map(({ settings }) => JSON.stringify(settings[name]))).size > 1))
}

/**
 * What is usual among the cards: the value of each setting that more of them have than any other.
 * @param {Card[]} cards
 * @returns {Map<string, string>} name → value as JSON; not those of which none is the commonest
 */
export function usual(cards) {
  const found = new Map()
  for (const name of differing(cards)) {
    const tally = new Map()
    for (const { settings } of cards) tally.set(JSON.stringify(settings[name]), (tally.get(JSON.stringify(settings[name])) ?? 0) + 1)
    const [[value, most], [, second] = [null, 0]] = [...tally].sort(([, a], [, b]) => b - a)
    if (most > second) found.set(name, value)
  }
  return found
}

/**
 * What a setting's value is called, as the Train page calls it.
 * @param {string} name
 * @param {unknown} value
 * @param {Object<string, {label: string, words: Object<string, string>, alone: Object<string, string>}>} settings by
 *   name: `words` of values that stand behind the label, `alone` what says by itself what is set
 * @param {Object<string, string>} texts titles by id
 */
export function settingText(name, value, settings, texts) {
  if (name === "corpus") return texts[value] ?? value
  const { label, words, alone } = settings[name], key = String(value)
  if (Object.hasOwn(alone, key)) return alone[key]
  const told = Object.hasOwn(words, key) ? words[key] : typeof value === "number" ? exact(value) : `“${value}”`
  return `${label} ${told}`
}

/**
 * As many as a card has room for; the last one stands for the rest, which a hand on it reads.
 * @param {string[]} texts
 * @param {number} most
 * @returns {{text: string, title: string}[]}
 */
export function chips(texts, most) {
  const cut = texts.length > most ? most - 1 : texts.length, rest = texts.slice(cut)
  const shown = texts.slice(0, cut).map((text) => ({ text, title: "" }))
  return rest.length ? [...shown, { text: `+ ${rest.length}`, title: rest.join(" · ") }] : shown
}

/**
 * The cards whose text holds every word of a search.
 * @param {Card[]} cards
 * @param {string} search
 * @param {(card: Card) => string} textOf
 */
export function matching(cards, search, textOf) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return cards.filter((card) => {
    const text = words.length ? textOf(card).toLowerCase() : ""
    return words.every((word) => text.includes(word))
  })
}

/**
 * How a run stands, as `counts` counts it: one that waits for its next turn has begun, and trains.
 * @param {Card} card
 * @param {{statuses: Object<string, string>, troubles: Object<string, string>, place: string, in_turns: string}} labels
 */
export function stateText({ status, trouble, place }, labels) {
  if (trouble) return `⚠ ${trouble === "failed" ? labels.statuses[status] : labels.troubles[trouble]}`
  if (place == null) return labels.statuses[status]
  return status === "queued" ? labels.place.replace("{n}", place) : labels.in_turns
}

/** How many there are of each kind: those that need a look, train or take turns in it, wait to begin, and stand still. */
export function counts(cards) {
  const count = (is) => cards.filter(is).length
  return {
    trouble: count(({ trouble }) => trouble),
    running: count(({ status }) => status === "running" || status === "starting"),
    queued: count(({ status }) => status === "queued"),
    paused: count(({ status }) => status === "paused"),
  }
}
