// What every panel with charts needs; put in front of each panel's own script.

let plotlyLoads = null

function loadPlotly(url) {
  plotlyLoads ??= new Promise((done, fail) => {
    const script = document.createElement("script")
    script.src = url
    script.onload = () => done(window.Plotly)
    script.onerror = () => { plotlyLoads = null; fail(new Error("plotly")) }
    document.head.append(script)
  })
  return plotlyLoads
}

// The page theme's colours, as it stands now.
function themed(root) {
  const css = getComputedStyle(root)
  const get = (name) => css.getPropertyValue(name).trim()
  const colors = get("--st-chart-categorical-colors").split(",").map((c) => c.trim())
  const grid = get("--st-border-color") || "#8884"
  const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid }
  return { text: get("--st-text-color"), background: get("--st-background-color"),
           font: get("--st-font"), colors, axis, grid }
}

// A figure in the theme's colours; a trace whose `meta` is a number takes that place of the palette, `text` the text's.
function paint(figure, theme) {
  const layout = { ...figure.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
                   font: { ...figure.layout.font, color: theme.text, family: theme.font },
                   modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.text, activecolor: theme.colors[0] },
                   dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
                   hoverlabel: { bgcolor: theme.background, bordercolor: theme.grid,
                                 font: { color: theme.text } } }
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...layout[name], ...theme.axis }
  }
  const shapes = (figure.layout.shapes ?? []).map((s) => (
    { ...s, line: { ...s.line, color: theme.text }, label: { ...s.label, font: { color: theme.text, size: 11 } } }))
  const color = (trace) => theme.colors[trace.meta % theme.colors.length]
  const traces = figure.data.map((t) => {
    const own = t.meta === "text" ? theme.text : typeof t.meta === "number" ? color(t) : null
    return own ? { ...t, line: { ...t.line, color: own }, marker: { ...t.marker, color: own } } : t
  })
  return { layout: { ...layout, shapes }, traces }
}
