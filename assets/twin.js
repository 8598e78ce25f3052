// A second run on the live panel's charts, dashed: the same set-up with or without clipping.

const TWIN = { perplexity: 3, norm: 2 }  // its traces, behind the run's own

function forgetTwin(panel) {
  clearTimeout(panel.twinTimer)
  panel.twin = { id: panel.data.twin?.id, cursor: 0, revision: null, grew: false, told: null }
  for (const [name, at] of Object.entries(TWIN)) {
    const trace = panel.charts[name].data?.[at]
    if (trace) { trace.x = []; trace.y = [] }
  }
}

// One poll after the other, as the run's own; a newer call takes over.
async function pollTwin(panel) {
  const { twin } = panel.data, state = panel.twin
  clearTimeout(panel.twinTimer)
  if (panel.gone || !twin || document.hidden) return
  const turn = panel.twinTurn = (panel.twinTurn ?? 0) + 1
  let news
  try {
    const answer = await fetch(`${twin.url}?after=${state.cursor}`, { signal: AbortSignal.timeout(PATIENCE) })
    news = answer.ok ? await answer.json() : answer.status === 404 ? null : undefined
  } catch {
    news = undefined
  }
  if (panel.gone || panel.twin !== state || turn !== panel.twinTurn) return
  if (news === undefined) { panel.twinTimer = setTimeout(() => pollTwin(panel), LOST); return }
  if (news === null) { panel.setTriggerValue("twin", "deleted"); return }
  const over = !ACTIVE.has(news.status)
  if (state.cursor && (news.revision !== state.revision || (over && state.grew))) {
    forgetTwin(panel)  // taken back to a checkpoint, or ended: draw what everybody sees
    return pollTwin(panel)
  }
  state.grew ||= state.cursor > 0
  state.revision = news.revision
  state.cursor = news.cursor
  const { steps } = news
  extend(panel.Plotly, panel.charts.perplexity, TWIN.perplexity, steps.epoch, steps.loss.map(perplexity))
  extend(panel.Plotly, panel.charts.norm, TWIN.norm, steps.epoch, steps.norm)
  if (over) redraw(panel)
  showTwin(panel, news)
  if (news.status !== twin.status && news.status !== state.told) {
    state.told = news.status
    panel.setTriggerValue("twin", news.status)
  }
  if (news.figures.exploded && !twin.exploded && !state.toldExploded) {
    state.toldExploded = true
    panel.setTriggerValue("twin", "exploded")
  }
  if (!over) panel.twinTimer = setTimeout(() => pollTwin(panel), CALM)
}

function showTwin(panel, news) {
  const { labels, twin } = panel.data, line = panel.root.querySelector(".twin")
  line.hidden = !twin
  if (!twin || !news) return
  const { figures, status } = news
  const words = status === "queued" && figures.queue_position
    ? labels.waiting.replace("{n}", figures.queue_position) : labels.status[status]
  const loss = figures.train_loss ?? figures.step_loss  // as the run's own figure
  const learnt = loss == null ? "" : ` · ${labels.names.train} ${perplexityText(loss)}`
  line.textContent = `${twin.name}: ${words}${learnt}`
  line.dataset.status = status
}
