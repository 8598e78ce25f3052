// The order of the list, in numbers alone.

/**
 * @typedef {object} Cell
 * @property {string} text what a person reads
 * @property {number | string | null} by what it is sorted by; null stands last in either direction
 */

/**
 * Rows in order of a column; equal ones stay as they came.
 * @template {{cells: Object<string, Cell>}} Row
 * @param {Row[]} rows
 * @param {{column: string, isDown: boolean} | null} order null leaves them as they came
 * @returns {Row[]}
 */
export function sorted(rows, order) {
  if (!order) return rows
  const by = (row) => row.cells[order.column]?.by ?? null
  return [...rows].sort((a, b) => {
    const left = by(a), right = by(b)
    if (left === null || right === null) return (left === null) - (right === null)
    const sign = typeof left === "string" ? left.localeCompare(right) : Math.sign(left - right)
    return order.isDown ? -sign : sign
  })
}

/**
 * The rows that hold every word of a search, in any cell.
 * @template {{cells: Object<string, Cell>}} Row
 * @param {Row[]} rows
 * @param {string} search
 * @returns {Row[]}
 */
export function matching(rows, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(({ cells }) => {
    const text = Object.values(cells).map((cell) => `${cell.text} ${cell.note ?? ""}`).join(" ").toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/**
 * What a press on a column's head makes of the order: up, down, as it came.
 * @param {{column: string, isDown: boolean} | null} order
 * @param {string} column
 */
export function pressed(order, column) {
  if (order?.column !== column) return { column, isDown: false }
  return order.isDown ? null : { column, isDown: true }
}
