// Which token and which unit are chosen. A hand is ahead of the page: what the page sends while a pick is under way
// may be the answer to an earlier one.

const PATIENCE = 10000  // ms after which a pick counts as lost on the way

/**
 * @typedef {object} Pick what has been chosen since the last one was told
 * @property {number} [step] the token, from 0
 * @property {number} [unit] from 0
 * @property {number} turn the page's answer names the last one that it has heard
 */

/** The law: an answer to an older pick moves nothing, and a pick tells no more than what a hand has changed. */
export class Selection {
  #chosen = { step: 0, unit: 0 }
  #changed = {}
  #turn = 0
  #lost = 0  // when the pick that is under way counts as lost
  #now

  /** @param {() => number} [now] ms */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** @returns {{step: number, unit: number}} */
  get chosen() {
    return this.#chosen
  }

  /**
   * What the page says is chosen.
   * @param {{step: number, unit: number}} chosen
   * @param {number} answered the last turn that the page has heard
   */
  take(chosen, answered) {
    if (answered < this.#turn && this.#now() < this.#lost) return
    this.#turn = answered
    this.#chosen = chosen
    this.#changed = {}
  }

  /**
   * A hand chooses.
   * @param {{step?: number, unit?: number}} what
   */
  choose(what) {
    this.#turn += 1
    this.#lost = this.#now() + PATIENCE
    this.#chosen = { ...this.#chosen, ...what }
    this.#changed = { ...this.#changed, ...what }
  }

  /** @returns {Pick} what the page is to be told */
  told() {
    const pick = { ...this.#changed, turn: this.#turn }
    this.#changed = {}
    return pick
  }
}

/**
 * The next one in a list; at its ends, the same.
 * @param {number[]} all
 * @param {number} one
 * @param {number} way 1 or -1
 */
export function beside(all, one, way) {
  return all[Math.min(Math.max(all.indexOf(one) + way, 0), all.length - 1)]
}

/**
 * The units as they lie below each other, the top one first; null where no unit is shown.
 * @param {{key: string, figure: {data: object[]}}[]} charts as the page sends them
 * @param {number} count of units
 * @returns {number[] | null}
 */
export function rows(charts, count) {
  if (!charts.some(({ key }) => key === "unit")) return null
  const map = charts.filter(({ key }) => key === "map" || key === "all").flatMap(({ figure }) => figure.data)
    .find(({ type }) => type === "heatmap")
  return map ? map.y.map(Number).reverse() : Array.from({ length: count }, (_, unit) => unit)
}
