// The figures of the cliff as they stand at a step: both come whole and are cut here, so that neither camera nor
// zoom is lost.

import { paint } from "../core/theme.js"

const NARROW = 500  // pixels of width below which the surface is drawn lower, from further away
const LOW = 360     // its height then

/**
 * How finely three dimensions are drawn: a browser that does it on the processor, as in a virtual machine, spares
 * itself three of four pixels.
 * @returns {0 | 1 | 2} pixels of the figure to one of the screen; 0 where there is no WebGL
 */
export function fineness() {
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
  const parts = (css) => {
    brush.fillStyle = css
    return [1, 3, 5].map((at) => parseInt(brush.fillStyle.slice(at, at + 2), 16))
  }
  const [a, b] = [parts(from), parts(to)]
  return `rgb(${a.map((value, i) => Math.round(value + part * (b[i] - value))).join(", ")})`
}

/**
 * The surface stands back behind the paths: greys between the theme's background and its text.
 * @param {{data: object[], layout: object}} figure as Plotly takes it
 * @param {import("../core/theme.js").Theme} theme
 * @param {number} width in pixels
 */
export function inSpace(figure, theme, width) {
  const { layout, traces } = paint(figure, theme), { text, grid, background } = theme
  const axis = { showbackground: false, gridcolor: grid, linecolor: grid, zerolinecolor: grid, color: text }
  const scene = { ...layout.scene }
  for (const name of ["xaxis", "yaxis", "zaxis"]) scene[name] = { ...scene[name], ...axis }
  const isNarrow = width < NARROW, { eye } = scene.camera, far = 1.35
  if (isNarrow) scene.camera = { ...scene.camera, eye: { x: far * eye.x, y: far * eye.y, z: far * eye.z } }
  const greys = [[0, between(background, text, 0.1)], [1, between(background, text, 0.45)]]
  return { layout: { ...layout, scene, dragmode: "turntable", height: isNarrow ? LOW : layout.height },
           traces: traces.map((trace) => (trace.type === "mesh3d" ? { ...trace, colorscale: greys } : trace)) }
}

/** Whether a trace is a path; else it is a path's pin, or the surface. */
export const isPath = (trace) => trace.type === "scatter3d" && trace.showlegend !== false

/**
 * How many vertices of a path have been reached at a step; each names its step, and a flight has several.
 * @param {{customdata: [number][]}} path
 * @param {number} step
 */
export const reached = (path, step) => path.customdata.findLastIndex(([at]) => at <= step) + 1

/**
 * The figure's traces as they stand at a step; a path is followed by its pin.
 * @param {object[]} traces
 * @param {number} step
 */
export function cutAt(traces, step) {
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

/**
 * A camera after a turn or at a named view.
 * @param {object} now
 * @param {object} usual
 * @param {{turn?: string, view?: string}} wish degrees about the upright axis, or "above" or "usual"
 */
export function camera(now, usual, { turn, view }) {
  const up = { x: 0, y: 0, z: 1 }, { center } = usual
  if (view === "usual") return { eye: usual.eye, up, center }
  if (view === "above") return { eye: { x: 0, y: -0.01, z: 2.2 }, up, center }
  const angle = Number(turn) * Math.PI / 180, [c, s] = [Math.cos(angle), Math.sin(angle)], { x, y, z } = now.eye
  return { eye: { x: c * x - s * y, y: s * x + c * y, z }, up, center }
}
