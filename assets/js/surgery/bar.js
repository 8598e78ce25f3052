// A bar on either side of nought.

const HALF = 50  // percent of a track on each side

/**
 * @param {number} share of the largest change, from −1 to 1; above 0 it has become worse
 * @returns {{side: "worse" | "better", width: number}} width in percent of the whole track
 */
export function bar(share) {
  const size = Number.isFinite(share) ? Math.min(Math.abs(share), 1) : 0
  return { side: share < 0 ? "better" : "worse", width: HALF * size }
}
