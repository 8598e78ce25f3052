// A line of tokens with what is on and what holds there below each of them.

const DIGITS = 9  // of a track: 0 … 9 are its smallest and its largest value, another sign says nothing

/**
 * How many columns of a fixed-width font a token takes: a wide sign takes two.
 * @param {string} text
 */
export function columns(text) {
  return [...text].reduce((sum, sign) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(sign) ? 2 : 1), 0)
}

/**
 * Pieces of a track that are alike, one after the other.
 * @param {string} digits one a token
 * @param {number[]} widths columns of each token
 * @returns {{from: number, to: number, share: number | null}[]} in columns; null where the track says nothing
 */
export function runs(digits, widths) {
  const found = []
  let at = 0
  for (const [i, digit] of [...digits].entries()) {
    const share = /\d/.test(digit) ? Number(digit) / DIGITS : null, to = at + widths[i], last = found.at(-1)
    if (last && last.share === share) last.to = to
    else found.push({ from: at, to, share })
    at = to
  }
  return found
}

/**
 * A track as a background: as strong as its value.
 * @param {{from: number, to: number, share: number | null}[]} pieces
 */
export function gradient(pieces) {
  const stops = pieces.map(({ from, to, share }) => {
    const colour = `color-mix(in srgb, var(--track) ${Math.round(100 * (share ?? 0))}%, transparent)`
    return `${colour} ${from}ch ${to}ch`
  })
  return `linear-gradient(to right, ${stops.join(", ")})`
}

/**
 * How strongly a token is coloured, from 0 to 1, and how thick its line is, from 0 to 3.
 * @param {number} count units that are on
 * @param {number} of how many could be
 */
export function strength(count, of) {
  const share = of ? count / of : 0
  return { share, line: count ? Math.max(1, Math.round(3 * share)) : 0 }
}
