// A challenge's board as rows: people by rank, the n-grams among them where they belong, and who has no figure yet.

/**
 * @param {{lines: object[]}} view as the server tells it: ranked lines first
 * @param {{perplexity: number}[]} rungs what counting alone reaches
 * @returns {({rung: object} | {line: object})[]} the best first; a rung that is as good as a person stands before them
 */
export function rows({ lines }, rungs) {
  const ladder = [...rungs].sort((a, b) => a.perplexity - b.perplexity), told = []
  // as both are shown: whoever reads two equal figures sees a tie
  const ranked = lines.filter(({ rank }) => rank != null)
  for (const line of ranked) {
    while (ladder.length && asShown(ladder[0].perplexity) <= asShown(perplexity(line))) told.push({ rung: ladder.shift() })
    told.push({ line })
  }
  told.push(...ladder.map((rung) => ({ rung })))
  return [...told, ...lines.filter(({ rank }) => rank == null).map((line) => ({ line }))]
}

function asShown(value) {
  return Math.round(100 * value)
}

function perplexity({ best }) {
  return best.loss == null ? Infinity : Math.exp(best.loss)
}

/**
 * Training time as people read it.
 * @param {number | null} seconds
 * @param {{seconds: string, minutes: string}} labels with {s}, and {m}
 */
export function time(seconds, labels) {
  if (seconds == null) return ""
  const whole = Math.round(seconds), m = Math.floor(whole / 60)
  if (m) return labels.minutes.replace("{m}", m).replace("{s}", String(whole % 60).padStart(2, "0"))
  return labels.seconds.replace("{s}", whole < 10 ? seconds.toFixed(1) : whole)
}

/** A sentence with its figures: each {name} is replaced. */
export function filled(template, params) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole)
}
