// The gate lens: draws the figures that the page sends, in place, so that zoom and scroll stay.
// Called again whenever its data or the theme change; what lasts lives in `lenses`.

const LOST = 3000   // ms until Plotly is asked for again
const PACE = 120    // ms between two steps told to the page while an arrow key is held, and of rest before a new width counts
const lenses = new WeakMap()

// Whole steps above the smallest value → rows of numbers (see `quantised` in theme.py)
function unpack({ low, step, bits, columns, steps }) {
  const bytes = Uint8Array.from(atob(steps), (c) => c.charCodeAt(0))
  const all = bits === 8 ? bytes : new Uint16Array(bytes.buffer)  // every browser's machine is little-endian
  return Array.from({ length: all.length / columns }, (_, row) => (
    Float32Array.from(all.subarray(row * columns, (row + 1) * columns), (n) => low + step * n)))
}

// What a click on a chart means: a token, a unit, or both.
function meaning(point, { key, wide }) {
  if (key === "second") return { step: point.pointIndex[1] ?? point.pointIndex }  // another network's units
  if (point.data.type === "heatmap") return { step: point.pointIndex[1], unit: Number(point.y) }
  if (wide) return { step: point.pointIndex }
  return point.data.type === "scatter" ? { unit: point.customdata } : {}
}

function pick(lens, what) {
  if (!Object.keys(what).length) return
  const chosen = { ...lens.data.selected, ...what }
  lens.data.selected = chosen
  lens.pick(chosen)
}

function chartOf(lens, { key, wide }) {
  let chart = lens.charts.get(key)
  if (!chart) {
    chart = document.createElement("div")
    chart.className = "chart"
    chart.dataset.chart = key
    chart.setAttribute("role", "img")
    lens.charts.set(key, chart)
    lens.root.querySelector(wide ? ".scroll" : ".grid").append(chart)
  }
  return chart
}

function draw(lens) {
  const { Plotly, data } = lens
  lens.width = lens.root.clientWidth
  const theme = themed(lens.root)
  const touch = matchMedia("(pointer: coarse)").matches  // there a swipe scrolls, and no bar hides the legend
  const config = { ...data.config, ...(touch && { displayModeBar: false }) }
  const wanted = new Set(data.charts.map((one) => one.key))
  for (const [key, chart] of lens.charts) chart.hidden = !wanted.has(key)  // kept: it may be wanted again soon
  for (const [i, one] of data.charts.entries()) {
    const chart = chartOf(lens, one)
    chart.style.order = i  // moving it in the document would end a drag under way
    const drawn = JSON.stringify([one.figure, one.least, one.revision, theme, data.modebar, lens.width])
    if (chart.drawn === drawn) continue  // a redraw costs more than a comparison
    chart.drawn = drawn
    const figure = { ...one.figure, data: one.figure.data.map((t) => (
      t.type === "heatmap" && t.z?.steps ? { ...t, z: unpack(t.z) } : t)) }
    const { layout, traces } = paint(figure, theme)
    chart.style.minWidth = one.least ? `${one.least}px` : ""
    Plotly.react(chart, traces, { ...layout, uirevision: one.revision }, config)
    chart.setAttribute("aria-label", figure.layout.meta)
    if (!chart.listens) {
      chart.listens = true
      chart.on("plotly_click", (event) => pick(lens, meaning(event.points[0], one)))
    }
  }
  colour(lens)
  Object.assign(lens.root.dataset, { epoch: data.epoch, look: data.look, ...data.selected })
}

// The sentence in the colours of one unit's state.
function colour(lens) {
  const box = lens.root.querySelector(".coloured"), { sentence, selected } = lens.data
  box.hidden = !sentence
  if (!sentence) return
  const caption = document.createElement("span")
  caption.className = "caption"
  caption.textContent = sentence.caption
  box.replaceChildren(caption, ...sentence.tokens.map(({ text, known, background, color, value }, i) => {
    const span = document.createElement("span")
    span.textContent = text
    span.style.background = background
    span.style.color = color
    span.title = value
    span.classList.toggle("unknown", !known)
    span.classList.toggle("chosen", i === selected.step)
    span.onclick = () => pick(lens, { step: i })
    return span
  }))
}

// ← and → move along the sentence, unless they belong to a field or a slider.
function pressed(lens, event) {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  const elsewhere = event.target !== document.body && !lens.root.contains(event.target)
  const busy = elsewhere || event.target.closest?.("input, textarea, select, [role=slider], [role=radiogroup], [role=tablist], [role=listbox]")
  if (!way || busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  if (lens.data.selected.step == null) return
  event.preventDefault()
  const step = Math.min(Math.max(lens.data.selected.step + way, 0), lens.data.steps - 1)
  lens.data.selected = { ...lens.data.selected, step }
  lens.timer ??= setTimeout(() => { lens.timer = null; pick(lens, { step: lens.data.selected.step }) }, PACE)
}

async function show(lens) {
  const lost = lens.root.querySelector(".lost")
  lens.root.setAttribute("aria-label", lens.data.label)
  lost.textContent = lens.data.lost
  try {
    lens.Plotly ??= await loadPlotly(lens.data.plotly)
  } catch {
    if (lens.gone) return
    lost.hidden = false
    clearTimeout(lens.again)
    lens.again = setTimeout(() => show(lens), LOST)
    return
  }
  lost.hidden = true
  if (lens.gone) return
  lens.Plotly.register({ moduleType: "locale", name: "page", dictionary: lens.data.modebar, format: {} })
  draw(lens)
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  let lens = lenses.get(parentElement)
  if (!lens) {
    const root = parentElement.querySelector(".lens")
    lens = { root, charts: new Map() }
    lens.sizes = new ResizeObserver(() => {
      clearTimeout(lens.resized)
      lens.resized = setTimeout(() => { if (lens.Plotly && !lens.gone && root.clientWidth !== lens.width) draw(lens) }, PACE)
    })
    lens.sizes.observe(root)
    lens.key = (event) => pressed(lens, event)
    document.addEventListener("keydown", lens.key)
    lenses.set(parentElement, lens)
  }
  lens.pick = (chosen) => setTriggerValue("pick", chosen)
  if (lens.timer && lens.data) data.selected = lens.data.selected  // an arrow key is ahead of the page
  lens.data = data
  lens.gone = false
  show(lens)
  return () => {
    lens.gone = true
    clearTimeout(lens.timer)
    clearTimeout(lens.again)
    document.removeEventListener("keydown", lens.key)
    lens.sizes.disconnect()
    for (const chart of lens.charts.values()) lens.Plotly?.purge(chart)
    lenses.delete(parentElement)
  }
}
