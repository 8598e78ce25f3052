// The cliff: a surface, two paths on it and their curves, at the step that a slider names.
// The figures come whole; here they are cut at the step, so that neither camera nor zoom is lost.
// Called again whenever its data or the theme change; what lasts lives in `cliffs`.

const AGAIN = 3000          // ms until Plotly is asked for again
const PLAY = 8000           // ms that a whole path takes
const FRAME = 80            // ms between two steps, at least
const NARROW = 500          // pixels of width below which the surface is drawn lower, from further away
const LOW = 360             // its height then
const cliffs = new WeakMap()

// How finely three dimensions are drawn; 0 where there is no WebGL. A browser that does it on the processor,
// as in a virtual machine, spares itself three of four pixels.
function fineness() {
  const gl = document.createElement("canvas").getContext("webgl")
  if (!gl) return 0
  const info = gl.getExtension("WEBGL_debug_renderer_info")
  const renderer = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : ""
  gl.getExtension("WEBGL_lose_context")?.loseContext()  // a page has few of them
  return /swiftshader|llvmpipe|software/i.test(renderer) ? 1 : 2
}

// A colour between two of the theme's.
function between(from, to, part) {
  const brush = document.createElement("canvas").getContext("2d")
  const parts = (css) => { brush.fillStyle = css; return [1, 3, 5].map((at) => parseInt(brush.fillStyle.slice(at, at + 2), 16)) }
  const [a, b] = [parts(from), parts(to)]
  return `rgb(${a.map((value, i) => Math.round(value + part * (b[i] - value))).join(", ")})`
}

const scaled = (eye, by) => ({ x: eye.x * by, y: eye.y * by, z: eye.z * by })

// The surface stands back behind the paths: greys between the theme's background and its text.
function inSpace(figure, theme, root) {
  const { layout, traces } = paint(figure, theme)
  const axis = { showbackground: false, gridcolor: theme.grid, linecolor: theme.grid, zerolinecolor: theme.grid, color: theme.text }
  const scene = { ...layout.scene }
  for (const name of ["xaxis", "yaxis", "zaxis"]) scene[name] = { ...scene[name], ...axis }
  const narrow = root.clientWidth < NARROW
  if (narrow) scene.camera = { ...scene.camera, eye: scaled(scene.camera.eye, 1.35) }
  const greys = [[0, between(theme.background, theme.text, 0.1)], [1, between(theme.background, theme.text, 0.45)]]
  return { layout: { ...layout, scene, dragmode: "turntable", height: narrow ? LOW : layout.height },
           traces: traces.map((t) => (t.type === "mesh3d" ? { ...t, colorscale: greys } : t)) }
}

const isPath = (trace) => trace.type === "scatter3d" && trace.showlegend !== false  // else it is a path's pin

// How many vertices of a path have been reached at a step; each names its step, and a flight has several.
const reached = (path, step) => path.customdata.findLastIndex(([at]) => at <= step) + 1

// The figure's traces as they stand at a step; a path is followed by its pin.
function cutAt(traces, step) {
  let path = null
  return traces.map((trace) => {
    if (trace.type !== "scatter3d") return trace
    if (isPath(trace)) path = trace
    const end = reached(path, step)
    const part = isPath(trace) ? (values) => values.slice(0, end) : (values) => [values[end - 1], values[end - 1]]
    const [x, y, z, customdata, symbol] = [path.x, path.y, path.z, path.customdata, path.marker.symbol].map(part)
    if (!isPath(trace)) z[1] += trace.z[1] - trace.z[0]
    const size = isPath(trace) ? part(path.marker.size) : trace.marker.size
    return { ...trace, x, y, z, customdata, marker: { ...trace.marker, symbol, size } }
  })
}

function draw(panel) {
  const { Plotly, data, surface, curves } = panel
  const theme = themed(panel.root), touch = matchMedia("(pointer: coarse)").matches
  const drawn = JSON.stringify([data.key, theme])  // a redraw costs more than a comparison
  if (panel.drawn === drawn) return
  panel.drawn = drawn
  if (panel.fine) {
    panel.painted = inSpace(data.figures.surface, theme, panel.root)
    Plotly.react(surface, cutAt(panel.painted.traces, panel.step), layoutNow(panel),
                 { responsive: true, displayModeBar: false, scrollZoom: false, plotGlPixelRatio: panel.fine })
  }
  surface.setAttribute("aria-label", data.figures.surface.layout.meta)
  const { layout, traces } = paint(data.figures.curves, theme)
  panel.curveLayout = layout
  Plotly.react(curves, traces, marked(panel), { ...data.config, ...(touch && { displayModeBar: false }) })
  curves.setAttribute("aria-label", data.figures.curves.layout.meta)
  tell(panel)
}

// Plotly keeps the camera that a drag has left in the chart's own layout.
function layoutNow(panel) {
  const layout = panel.painted.layout, camera = panel.surface.layout?.scene?.camera
  return camera ? { ...layout, scene: { ...layout.scene, camera } } : layout
}

function marked(panel) {
  const shapes = panel.curveLayout.shapes.map((s, i) => (i ? s : { ...s, x0: panel.step, x1: panel.step }))
  return { ...panel.curveLayout, shapes, uirevision: "curves" }
}

function go(panel, step) {
  panel.step = Math.min(Math.max(step, 0), panel.data.steps)
  tell(panel)
  panel.frame ??= requestAnimationFrame(() => { panel.frame = null; move(panel) })  // a quick slider leaves steps out
}

// Both charts at the step; not while a person turns the surface, whose camera would jump back to where that began.
function move(panel) {
  const { Plotly, surface, curves, step } = panel
  if (panel.gone || panel.held || !panel.drawn) return
  if (panel.fine) {
    const traces = cutAt(panel.painted.traces, step), moving = [...traces.keys()].filter((i) => traces[i].type === "scatter3d")
    const all = (get) => moving.map((i) => get(traces[i]))
    Plotly.restyle(surface, { x: all((t) => t.x), y: all((t) => t.y), z: all((t) => t.z), customdata: all((t) => t.customdata),
                              "marker.symbol": all((t) => t.marker.symbol), "marker.size": all((t) => t.marker.size) }, moving)
  }
  Plotly.relayout(curves, { "shapes[0].x0": step, "shapes[0].x1": step })
}

// What stands in words and numbers: the step, and where both paths are.
function tell(panel) {
  const { data, root, step } = panel, { labels } = data
  const slider = root.querySelector(".step"), count = labels.count.replace("{step}", step).replace("{steps}", data.steps)
  slider.max = data.steps
  slider.value = step
  slider.setAttribute("aria-label", labels.step)
  slider.setAttribute("aria-valuetext", count)
  root.querySelector(".count").textContent = count
  const play = root.querySelector(".play")
  play.textContent = panel.timer ? `❚❚ ${labels.pause}` : `▶ ${labels.play}`
  const row = (kind, cells) => {
    const tr = document.createElement("tr")
    tr.append(...cells.map((text) => Object.assign(document.createElement(kind), { textContent: text })))
    return tr
  }
  const head = document.createElement("thead"), body = document.createElement("tbody")
  head.append(row("th", ["", "w", "b", labels.loss, labels.norm]))
  for (const trace of data.figures.surface.data.filter(isPath).sort((a, b) => a.legendrank - b.legendrank)) {
    const at = reached(trace, step) - 1
    const numbers = trace.customdata[at].slice(1).map((value) => number(value, 4))
    const sign = { diamond: "◆", circle: "●", "diamond-open": "◇", "circle-open": "○" }[trace.marker.symbol[at]]
    body.append(row("td", [`${sign} ${trace.name}`, ...numbers]))
  }
  root.querySelector(".now").replaceChildren(head, body)
  root.dataset.step = step
}

function stop(panel) {
  clearInterval(panel.timer)
  panel.timer = null
}

function play(panel) {
  if (panel.timer) { stop(panel); tell(panel); return }
  if (panel.step >= panel.data.steps) go(panel, 0)
  const pace = Math.max(FRAME, PLAY / panel.data.steps), began = performance.now(), from = panel.step
  panel.timer = setInterval(() => {  // by the clock: a slow machine leaves steps out and does not lag
    const step = Math.min(from + Math.floor((performance.now() - began) / pace), panel.data.steps)
    if (step >= panel.data.steps) stop(panel)
    go(panel, step)
  }, pace)
  tell(panel)
}

function turn(panel, { turn, view }) {
  if (!panel.painted) return
  const usual = panel.painted.layout.scene.camera, camera = panel.surface.layout.scene.camera ?? usual
  let { eye } = camera, up = { x: 0, y: 0, z: 1 }
  if (view === "usual") eye = usual.eye
  else if (view === "above") { eye = { x: 0, y: -0.01, z: 2.2 } }
  else {
    const by = Number(turn) * Math.PI / 180, [c, s] = [Math.cos(by), Math.sin(by)]
    eye = { x: c * eye.x - s * eye.y, y: s * eye.x + c * eye.y, z: eye.z }
  }
  panel.Plotly.relayout(panel.surface, { "scene.camera": { eye, up, center: usual.center } })
}

function listen(panel) {
  const { root, surface } = panel
  root.querySelector(".step").oninput = (event) => { stop(panel); go(panel, Number(event.target.value)) }
  root.querySelector(".play").onclick = () => play(panel)
  for (const button of root.querySelectorAll(".views button")) button.onclick = () => turn(panel, button.dataset)
  surface.onpointerdown = () => { panel.held = true }
  panel.release = () => { if (panel.held) { panel.held = false; setTimeout(() => move(panel)) } }
  window.addEventListener("pointerup", panel.release)
  window.addEventListener("pointercancel", panel.release)
}

async function show(panel) {
  const lost = panel.root.querySelector(".lost"), flat = panel.root.querySelector(".flat"), { labels } = panel.data
  panel.root.setAttribute("aria-label", labels.panel)
  lost.textContent = labels.lost
  flat.textContent = labels.flat
  panel.root.querySelector(".hint").textContent = labels.hint
  flat.hidden = Boolean(panel.fine)
  panel.surface.hidden = !panel.fine
  panel.root.querySelector(".views").hidden = !panel.fine
  for (const button of panel.root.querySelectorAll(".views button")) {
    button.title = labels.views[button.dataset.view ?? (Number(button.dataset.turn) > 0 ? "left" : "right")]
    button.setAttribute("aria-label", button.title)
  }
  tell(panel)
  try {
    panel.Plotly ??= await loadPlotly(panel.data.plotly)
  } catch {
    if (panel.gone) return
    lost.hidden = false
    clearTimeout(panel.again)
    panel.again = setTimeout(() => show(panel), AGAIN)
    return
  }
  lost.hidden = true
  if (panel.gone) return
  panel.Plotly.register({ moduleType: "locale", name: "page", dictionary: panel.data.modebar, format: {} })
  draw(panel)
  panel.root.dataset.drawn = panel.data.key
}

export default function (component) {
  const { data, parentElement } = component
  let panel = cliffs.get(parentElement)
  if (!panel) {
    const root = parentElement.querySelector(".cliff")
    panel = { root, surface: root.querySelector(".surface"), curves: root.querySelector(".curves"), fine: fineness(), step: data.steps }
    listen(panel)
    cliffs.set(parentElement, panel)
  } else if (panel.data.key !== data.key) {
    stop(panel)
    panel.step = panel.step === panel.data.steps ? data.steps : Math.min(panel.step, data.steps)
  }
  panel.data = data
  panel.gone = false
  show(panel)
  return () => {
    panel.gone = true
    stop(panel)
    cancelAnimationFrame(panel.frame)
    clearTimeout(panel.again)
    window.removeEventListener("pointerup", panel.release)
    window.removeEventListener("pointercancel", panel.release)
    for (const chart of [panel.surface, panel.curves]) panel.Plotly?.purge(chart)
    cliffs.delete(parentElement)
  }
}
