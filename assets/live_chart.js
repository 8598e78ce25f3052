// The live panel: polls a run's history and draws it. Called again whenever its data or the theme
// change, so every call must be harmless; what lasts lives in `panels`, one entry a mounted element.

const FAST = 250           // ms between polls until the first point
const CALM = 1000          // … while training
const LOST = 3000          // … after a failed poll
const PATIENCE = 15000     // ms before a poll counts as lost
const MOST = 6000          // points of a curve before it is thinned
const FEW = 40             // points that get a marker each
const MOST_SAMPLES = 200
const ACTIVE = new Set(["queued", "starting", "running", "paused"])
const panels = new WeakMap()

// --- numbers ---------------------------------------------------------------------------------

function perplexity(loss) {
  return loss == null ? null : Math.exp(Math.min(loss, 690))  // charts end at 10^300
}

function showTime(seconds, labels) {
  if (seconds == null) return "–"
  const s = Math.round(seconds)
  if (s < 60) return `${s} ${labels.second}`
  if (s < 3600) return `${Math.floor(s / 60)} ${labels.minute} ${s % 60} ${labels.second}`
  return `${Math.floor(s / 3600)} ${labels.hour} ${Math.floor((s % 3600) / 60)} ${labels.minute}`
}

// --- curves ----------------------------------------------------------------------------------

// Keeps the lowest and the highest point of every bucket, in their order.
function thin(xs, ys, buckets) {
  const size = Math.ceil(xs.length / buckets), x = [], y = []
  for (let start = 0; start < xs.length; start += size) {
    const end = Math.min(start + size, xs.length)
    let low = start, high = start
    for (let i = start + 1; i < end; i++) {
      if (ys[i] < ys[low]) low = i
      if (ys[i] > ys[high]) high = i
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      x.push(xs[i])
      y.push(ys[i])
    }
  }
  return { x, y }
}

function extend(Plotly, chart, index, xs, ys) {
  if (!xs.length) return
  const trace = chart.data[index]
  if (trace.few && trace.x.length + xs.length >= FEW) Object.assign(trace, { few: false, mode: "lines" })
  if (trace.x.length + xs.length > MOST) {
    const kept = thin([...trace.x, ...xs], [...trace.y, ...ys], MOST / 4)
    Plotly.restyle(chart, { x: [kept.x], y: [kept.y] }, [index])
  } else {
    Plotly.extendTraces(chart, { x: [xs], y: [ys] }, [index])
  }
}

function guessing(panel, vocabSize) {
  const label = { text: panel.data.labels.guessing.replace("{n}", vocabSize), textposition: "start",
                  yanchor: "top" }
  return { type: "line", xref: "paper", x0: 0, x1: 1, y0: vocabSize, y1: vocabSize, label,
           line: { width: 1, dash: "dot" } }
}

// Draws both charts anew, keeping points, zoom and hidden curves (uirevision).
function redraw(panel) {
  const theme = themed(panel.root)
  for (const [name, chart] of Object.entries(panel.charts)) {
    const figure = structuredClone(panel.data.figures[name])
    figure.layout.shapes = [...(figure.layout.shapes ?? []), ...moveMarks(panel, "start")]
    if (name === "perplexity") figure.layout.shapes.push(...rungs(panel))
    if (name === "perplexity" && panel.vocabSize) figure.layout.shapes.push(guessing(panel, panel.vocabSize))
    const { layout, traces } = paint(figure, theme)
    layout.uirevision = panel.data.run
    traces.forEach((trace, i) => {
      trace.x = chart.data?.[i]?.x ?? []
      trace.y = chart.data?.[i]?.y ?? []
      if (name === "norm" && i === 1) Object.assign(trace, thetaCurve(panel, panel.epoch))
      else if (trace.mode === "lines" && trace.x.length < FEW) {  // a line needs two points
        trace.mode = "lines+markers"
        trace.few = true
      }
    })
    const touch = matchMedia("(pointer: coarse)").matches  // there a swipe scrolls, and no bar hides the legend
    panel.Plotly.react(chart, traces, layout, { ...panel.data.config, ...(touch && { displayModeBar: false }) })
    chart.setAttribute("aria-label", figure.layout.meta)
    if (name === "norm" && !chart.listens) {
      chart.listens = true
      chart.on("plotly_afterplot", () => placeTheta(panel))
    }
  }
}

function empty(panel) {
  panel.cursor = 0
  panel.revision = null
  panel.samples = []
  panel.thresholds = []
  panel.epoch = 0
  panel.hasPoints = panel.grew = panel.anew = false
  for (const [name, chart] of Object.entries(panel.charts)) {
    for (const trace of (chart.data ?? []).slice(0, TWIN[name])) { trace.x = []; trace.y = [] }
  }
}

function addPoints(panel, news) {
  const { steps, epochs } = news
  extend(panel.Plotly, panel.charts.perplexity, 0, steps.epoch, steps.loss.map(perplexity))
  extend(panel.Plotly, panel.charts.perplexity, 1, epochs.epoch, epochs.train.map(perplexity))
  const held = epochs.heldout.map(perplexity)
  if (held.some((v) => v != null)) extend(panel.Plotly, panel.charts.perplexity, 2, epochs.epoch, held)
  const { norm } = panel.charts
  if (norm.data?.[1]) Object.assign(norm.data[1], thetaCurve(panel, panel.epoch))  // drawn with what follows
  extend(panel.Plotly, norm, 0, steps.epoch, steps.norm)
  if (steps.epoch.length) panel.hasPoints = true
}

// --- figures and samples -----------------------------------------------------------------------

function showFigures(panel, status, f) {
  const { labels } = panel.data
  const write = (name, text) => { panel.root.querySelector(`[data-figure=${name}]`).textContent = text }
  write("train", perplexityText(f.train_loss ?? f.step_loss))
  write("heldout", perplexityText(f.heldout_loss))
  panel.heldout = f.heldout_loss
  showRung(panel, panel.heldout)
  write("loss", number(f.step_loss, 4))
  write("speed", f.tokens_per_second == null ? "–" : Math.round(f.tokens_per_second).toLocaleString(panel.data.lang))
  write("epoch", f.epochs == null ? f.epoch.toFixed(1) : `${Math.floor(f.epoch + 1e-9)} / ${f.epochs}`)
  write("device", f.device == null ? "–" : f.device.toUpperCase())
  panel.root.querySelector("[data-figure=device]").title =
    f.device == null ? "" : `${f.device_name} · ${labels.threads.replace("{n}", f.threads)}`
  const bar = panel.root.querySelector("progress")
  bar.hidden = f.epochs == null
  bar.max = f.epochs ?? 1
  bar.value = f.epoch
  let words = labels.status[status]
  if (status === "queued" && f.queue_position) words = labels.waiting.replace("{n}", f.queue_position)
  if (f.seconds_left != null) words += ` · ${labels.left.replace("{time}", showTime(f.seconds_left, labels))}`
  else if (f.seconds > 0) words += ` · ${showTime(f.seconds, labels)}`
  write("status", words)
  panel.root.dataset.status = status
}

function showSamples(panel) {
  const box = panel.root.querySelector(".samples")
  const [newest, ...earlier] = [...panel.samples].reverse()
  box.hidden = !newest
  if (!newest) return
  const line = (sample) => {
    const p = document.createElement("p")
    const when = document.createElement("span")
    when.className = "when"
    when.textContent = panel.data.labels.at_epoch.replace("{n}", Number(sample.epoch.toFixed(1)))
    const prefix = document.createElement("b")
    prefix.textContent = sample.prefix
    p.append(when, prefix, sample.text)
    return p
  }
  box.querySelector(".newest").replaceChildren(line(newest))
  box.querySelector(".earlier").replaceChildren(...earlier.map(line))
  box.querySelector("details").hidden = !earlier.length
}

// --- polling -----------------------------------------------------------------------------------

async function ask(panel) {
  const { url } = panel.data
  const answer = await fetch(`${url}?after=${panel.anew ? 0 : panel.cursor}`,
                             { signal: AbortSignal.timeout(PATIENCE) })
  if (answer.status === 404) return null
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}

// One poll after the other; a newer call of `poll` takes over from an older one.
async function poll(panel) {
  clearTimeout(panel.timer)
  if (panel.gone || !panel.data.run || document.hidden) return
  const turn = ++panel.turn
  let news = null
  try {
    news = await ask(panel)
  } catch {
    if (turn !== panel.turn || panel.gone) return
    panel.root.querySelector(".lost").hidden = false
    panel.timer = setTimeout(() => poll(panel), LOST)
    return
  }
  if (turn !== panel.turn || panel.gone) return
  panel.root.querySelector(".lost").hidden = true
  if (news === null) { panel.setTriggerValue("status", "deleted"); return }
  const over = !ACTIVE.has(news.status)
  if (!panel.anew && panel.hasPoints && (news.revision !== panel.revision || (over && panel.grew))) {
    // taken back to a checkpoint, or ended: from now on everybody sees the same thinned curve
    panel.anew = true
    return poll(panel)
  }
  take(panel, news)
  if (news.status === panel.data.status) panel.told = null
  else if (news.status !== panel.told) {
    panel.told = news.status
    panel.setTriggerValue("status", news.status)
  }
  if (news.figures.exploded && !panel.data.exploded && !panel.toldExploded) {
    panel.toldExploded = true  // the page explains it
    panel.setTriggerValue("status", "exploded")
  }
  if (!over) panel.timer = setTimeout(() => poll(panel), panel.hasPoints ? CALM : FAST)
}

function take(panel, news) {
  const restart = panel.anew
  if (restart) empty(panel)
  panel.grew ||= panel.hasPoints && news.steps.epoch.length > 0
  panel.revision = news.revision
  panel.cursor = news.cursor
  if (news.figures.vocab_size && news.figures.vocab_size !== panel.vocabSize) {
    panel.vocabSize = news.figures.vocab_size
    redraw(panel)
  }
  const first = !panel.hasPoints, moved = news.thresholds.length > 0
  panel.thresholds = [...panel.thresholds, ...news.thresholds]
  panel.epoch = news.figures.epoch
  addPoints(panel, news)
  if (restart || first || moved || !ACTIVE.has(news.status)) redraw(panel)
  panel.root.classList.toggle("waiting", !panel.hasPoints)
  showFigures(panel, news.status, news.figures)
  showClipping(panel, news.status, news.figures)
  if (news.samples.length) {
    panel.samples = [...panel.samples, ...news.samples].slice(-MOST_SAMPLES)
    showSamples(panel)
  }
}

function label(panel) {
  for (const [name, text] of Object.entries(panel.data.labels.names)) {
    panel.root.querySelector(`[data-label=${name}]`).textContent = text
  }
  for (const one of panel.root.querySelectorAll(".theta, .clip-at")) one.setAttribute("aria-label", panel.data.labels.threshold)
}

// Draws what the newest call asked for, once Plotly is there; `shown` is what has been drawn.
async function show(panel) {
  try {
    panel.Plotly ??= await loadPlotly(panel.data.plotly)
  } catch {
    if (panel.gone) return
    panel.root.querySelector(".lost").hidden = false
    panel.timer = setTimeout(() => show(panel), LOST)
    return
  }
  if (panel.gone) return
  const { run, status, modebar } = panel.data
  const another = panel.shown.run !== run, changed = panel.shown.status !== status
  panel.shown = { run, status }
  panel.Plotly.register({ moduleType: "locale", name: "page", dictionary: modebar, format: {} })
  if (another) {
    empty(panel)
    panel.root.classList.add("waiting")
    panel.toldExploded = false
    panel.heldout = null
    panel.vocabSize = panel.held = panel.moved = panel.lastLimit = null
    showSamples(panel)
  }
  if (!run) return
  const anotherTwin = panel.twin?.id !== panel.data.twin?.id || another
  redraw(panel)
  showRung(panel, panel.heldout)
  if (anotherTwin) {
    forgetTwin(panel)
    showTwin(panel, null)
    pollTwin(panel)
  }
  if (another || changed) poll(panel)
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  let panel = panels.get(parentElement)
  if (!panel) {
    const root = parentElement.querySelector(".live-panel")
    panel = { root, turn: 0, shown: {}, charts: { perplexity: root.querySelector(".perplexity"),
                                                  norm: root.querySelector(".norm") } }
    panel.wake = () => {
      if (document.hidden || !panel.Plotly) return
      if (ACTIVE.has(panel.root.dataset.status)) poll(panel)
      if (panel.twin?.id) pollTwin(panel)
    }
    makeThetaMovable(panel)
    document.addEventListener("visibilitychange", panel.wake)
    panels.set(parentElement, panel)
  }
  panel.setTriggerValue = setTriggerValue
  panel.data = data
  panel.gone = false
  label(panel)
  panel.root.querySelector(".nothing").textContent = data.labels.nothing
  panel.root.classList.toggle("idle", !data.run)
  show(panel)
  return () => {
    panel.gone = true
    clearTimeout(panel.timer)
    clearTimeout(panel.twinTimer)
    document.removeEventListener("visibilitychange", panel.wake)
    for (const chart of Object.values(panel.charts)) panel.Plotly?.purge(chart)
    panels.delete(parentElement)
  }
}
