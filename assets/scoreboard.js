// The honest scoreboard on the live panel's chart; put in front of the panel's script.

// What n-grams reach: a line each, labelled in turn at two places, since their ends lie close together.
function rungs(panel) {
  return (panel.data.scoreboard?.rungs ?? []).map(({ perplexity, label }, i) => ({
    type: "line", xref: "paper", x0: 0, x1: 1, y0: perplexity, y1: perplexity, opacity: 0.65, line: { width: 1, dash: "longdash" },
    label: { text: label, textposition: ["end", "middle"][i % 2], yanchor: "bottom" } }))
}

function showRung(panel, loss) {
  const line = panel.root.querySelector(".rung"), board = panel.data.scoreboard
  line.hidden = !board?.held_out || loss == null
  if (line.hidden) return
  const beaten = board.rungs.filter((one) => loss < Math.log(one.perplexity))
  const hardest = beaten.reduce((a, b) => (a && a.perplexity < b.perplexity ? a : b), null)
  line.textContent = !hardest ? board.loses : beaten.length === board.rungs.length ? board.best
    : board.beats.replace("{n}", hardest.n).replace("{label}", hardest.perplexity.toFixed(2))
}
