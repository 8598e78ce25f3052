// How far a chart's axes reach, in numbers alone. A run that explodes must not press another's curve flat: an axis
// ends where what is beyond it says nothing more, unless somebody wants to see it all.

const BEYOND = 10         // times guessing's perplexity: worse is no better lesson
const FURTHEST = 1000     // the same, where the run itself, and not its twin, goes so far
const LONGEST = 1000      // times θ: a longer gradient is only longer
const DECADES = 6         // of gradient norms that are shown below the longest
const ROOM = 0.13         // part of an axis that a label takes
const HEADROOM = 0.6      // decades above a norm chart, into which θ can be dragged

/** The smallest and the largest of some points, and the last x. */
export class Extent {
  least = Infinity
  most = 0
  last = 0

  /**
   * @param {number[]} xs
   * @param {(number | null)[]} ys
   */
  add(xs, ys) {
    if (xs.length) this.last = Math.max(this.last, xs.at(-1))
    for (const y of ys) {
      if (!(y > 0)) continue
      this.least = Math.min(this.least, y)
      this.most = Math.max(this.most, y)
    }
  }

  /** @param {Extent} other */
  with(other) {
    const both = new Extent()
    both.least = Math.min(this.least, other.least)
    both.most = Math.max(this.most, other.most)
    both.last = Math.max(this.last, other.last)
    return both
  }
}

/**
 * The perplexity axis: from 1, with room for the label below its line, to guessing's line with room above.
 * @param {Extent} extent of the run and its twin
 * @param {Extent} own the run's alone: what it does is what is looked at
 * @param {number | null} guessing the perplexity of a network that knows nothing
 * @param {boolean} isAll
 * @returns {{range: number[], isCut: boolean}} in powers of ten
 */
export function perplexityRange({ most }, own, guessing, isAll) {
  const cap = guessing === null || isAll ? Infinity : Math.min(FURTHEST * guessing, Math.max(BEYOND * guessing, own.most))
  const isCut = most > cap
  const top = Math.log10(Math.max(2, guessing ?? 0, isCut ? cap : most))
  const high = isCut ? top : Math.max(top * 1.03, guessing ? Math.log10(guessing) + ROOM * top : 0)
  return { range: [-ROOM * high, high], isCut }
}

/**
 * The axis of gradient norms: all of them, θ, and room above for a hand that drags it.
 * @param {Extent} extent
 * @param {number | null} limit θ, null while clipping is off
 * @param {boolean} isAll
 * @returns {{range: number[], isCut: boolean}} in powers of ten
 */
export function normRange({ least, most }, limit, isAll) {
  const cap = LONGEST * Math.max(limit ?? 1, 1), isCut = !isAll && most > cap
  const top = Math.log10(Math.max(isCut ? cap : most, limit ?? 0) || 1)
  const bottom = Math.log10(Math.min(least, limit ?? Infinity, 10 ** top)) - 0.1
  return { range: [isAll ? bottom : Math.max(bottom, top - DECADES), isCut ? top : top + HEADROOM], isCut }
}
