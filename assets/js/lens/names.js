// Names beside a heatmap's rows: on a phone they would take a third of the figure, so that numbers stand there.

const NARROW = 520  // pixels of the lens

/** @param {{names: number}} chart pixels that names need; 0 where rows have none */
export const hasNames = ({ names }, width) => names > 0 && width >= NARROW

/**
 * A figure with numbers in place of names, and without the room that they need; one that has none stays as it is.
 * @param {{data: object[], layout: object}} figure
 * @param {number} names
 */
export function unnamed(figure, names) {
  if (!names) return figure
  const { data, layout } = figure
  const { annotations, ...rest } = layout
  const plain = { ...rest, margin: { ...layout.margin, l: layout.margin.l - names } }
  if (annotations?.length && layout.yaxis2) plain.yaxis2 = { ...layout.yaxis2, showticklabels: true }
  return { data, layout: plain }
}
