// The honest scoreboard: what n-grams reach, in the live panel's chart.

/**
 * @typedef {object} Scoreboard
 * @property {boolean} held_out
 * @property {{n: number, perplexity: number, text: string, label: string}[]} rungs
 * @property {string} beats
 * @property {string} best
 * @property {string} loses
 */

/**
 * A line for each n-gram, labelled in turn at two places, since their ends lie close together.
 * @param {Scoreboard | null} board
 * @returns {object[]} shapes as Plotly takes them
 */
export function rungs(board) {
  return (board?.rungs ?? []).map(({ perplexity, label }, i) => ({
    type: "line", xref: "paper", x0: 0, x1: 1, y0: perplexity, y1: perplexity, opacity: 0.65,
    line: { width: 1, dash: "longdash" },
    label: { text: label, textposition: ["end", "middle"][i % 2], yanchor: "bottom" } }))
}

/**
 * Which n-grams a network beats; empty where that is not known.
 * @param {Scoreboard | null} board
 * @param {number | null} loss on held-out text, nats a token
 */
export function rungText(board, loss) {
  if (!board?.held_out || loss == null) return ""
  const beaten = board.rungs.filter((rung) => loss < Math.log(rung.perplexity))
  if (!beaten.length) return board.loses
  if (beaten.length === board.rungs.length) return board.best
  const hardest = beaten.reduce((a, b) => (a.perplexity < b.perplexity ? a : b))
  return board.beats.replace("{n}", hardest.n).replace("{label}", hardest.text)
}
