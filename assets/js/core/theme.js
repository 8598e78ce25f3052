// Figures in the page theme's colours.

/**
 * @typedef {object} Theme
 * @property {string} text
 * @property {string} background
 * @property {string} font
 * @property {string[]} colors the palette, in order
 * @property {string} grid
 */

/**
 * The page theme's colours, as it stands now.
 * @param {Element} root
 * @returns {Theme}
 */
export function themed(root) {
  const css = getComputedStyle(root)
  const get = (name) => css.getPropertyValue(name).trim()
  return { text: get("--st-text-color"), background: get("--st-background-color"), font: get("--st-font"),
           colors: get("--st-chart-categorical-colors").split(",").map((color) => color.trim()),
           grid: get("--st-border-color") || "#8884" }
}

/** Whether fingers point here: a swipe scrolls, and no bar hides the legend. */
export const isTouch = () => matchMedia("(pointer: coarse)").matches

/**
 * A figure in the theme's colours; a trace whose `meta` is a number takes that place of the palette, `text` the text's.
 * @param {{data: object[], layout: object}} figure as Plotly takes it
 * @param {Theme} theme
 * @returns {{layout: object, traces: object[]}}
 */
export function paint(figure, theme) {
  const layout = { ...figure.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
                   font: { ...figure.layout.font, color: theme.text, family: theme.font },
                   modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.text, activecolor: theme.colors[0] },
                   dragmode: isTouch() ? false : "zoom",
                   hoverlabel: { bgcolor: theme.background, bordercolor: theme.grid, font: { color: theme.text } } }
  const axis = { gridcolor: theme.grid, linecolor: theme.grid, zerolinecolor: theme.grid }
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...layout[name], ...axis }
  }
  const shapes = (figure.layout.shapes ?? []).map((shape) => (
    { ...shape, line: { ...shape.line, color: theme.text },
      label: { ...shape.label, font: { color: theme.text, size: 11 } } }))
  const traces = figure.data.map((trace) => {
    const color = trace.meta === "text" ? theme.text
      : typeof trace.meta === "number" ? theme.colors[trace.meta % theme.colors.length] : null
    return color
      ? { ...trace, line: { ...trace.line, color }, marker: { ...trace.marker, color } } : trace
  })
  return { layout: { ...layout, shapes }, traces }
}
