// Points of curves, in numbers alone.

/** Points of a curve before it is thinned. */
export const MOST = 6000
/** Points of a curve up to which each gets a marker. */
export const FEW = 40

/**
 * What a chart shows of a loss: its perplexity, up to 10³⁰⁰, where the chart ends.
 * @param {number | null} loss nats a token
 */
export function perplexity(loss) {
  return loss == null ? null : Math.exp(Math.min(loss, 690))
}

/**
 * The lowest and the highest point of every bucket, in their order; of one without a number, its first.
 * @param {number[]} xs
 * @param {(number | null)[]} ys
 * @param {number} buckets at most
 */
export function thin(xs, ys, buckets) {
  const size = Math.ceil(xs.length / buckets), x = [], y = []
  for (let start = 0; start < xs.length; start += size) {
    const end = Math.min(start + size, xs.length)
    let low = start, high = start
    for (let i = start + 1; i < end; i++) {
      if (ys[i] == null) continue
      if (ys[low] == null || ys[i] < ys[low]) low = i
      if (ys[high] == null || ys[i] > ys[high]) high = i
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      x.push(xs[i])
      y.push(ys[i])
    }
  }
  return { x, y }
}
