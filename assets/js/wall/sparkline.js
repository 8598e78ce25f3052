// A small curve as SVG paths. The loss is ln perplexity, so perplexity stands on a logarithmic axis: from 1 at the
// bottom to a little above guessing at the top, on every card, so that cards of one text compare by eye.

const ABOVE = 1.08  // of what guessing costs, at the top

/**
 * @param {{epoch: (number | null)[], loss: (number | null)[]}} curve nats a token
 * @param {{epochs: number, top: number, width: number, height: number}} box
 * @returns {string} a path; empty without a point. What is above the box is drawn at its edge.
 */
export function path({ epoch, loss }, { epochs, top, width, height }) {
  let isBroken = true
  return epoch.map((at, i) => {
    if (at == null || loss[i] == null) {
      isBroken = true
      return ""
    }
    const x = epochs ? (at / epochs) * width : 0, y = height * (1 - Math.min(Math.max(loss[i] / top, 0), 1))
    const move = isBroken ? "M" : "L"
    isBroken = false
    return `${move}${x.toFixed(1)} ${y.toFixed(1)}`
  }).join("")
}

/**
 * Both curves of a card, and where guessing stands.
 * @param {{train: object, heldout: object, guessing: number | null}} card
 * @param {number} width
 * @param {number} height
 */
export function sketch({ train, heldout, guessing }, width, height) {
  const losses = [...train.loss, ...heldout.loss].filter((loss) => loss != null)
  const top = ABOVE * (guessing ?? (Math.max(...losses, 0) || 1))
  const epochs = Math.max(0, ...[...train.epoch, ...heldout.epoch].filter((at) => at != null))
  const box = { epochs, top, width, height }
  return { train: path(train, box), heldout: path(heldout, box), guessing: guessing == null ? null : height * (1 - 1 / ABOVE),
           isBeyond: losses.some((loss) => loss > top) }
}
