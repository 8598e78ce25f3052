// Heatmaps as the page sends them.

/**
 * Rows of numbers from whole steps above the smallest value; `quantised` in playground/figures/theme.py packs them.
 * @param {{low: number, step: number, bits: 8 | 16, columns: number, steps: string}} packed steps in base64
 * @returns {Float32Array[]}
 */
export function unpack({ low, step, bits, columns, steps }) {
  const bytes = Uint8Array.from(atob(steps), (c) => c.charCodeAt(0))
  const all = bits === 8 ? bytes : new Uint16Array(bytes.buffer)  // every browser's machine is little-endian
  return Array.from({ length: all.length / columns }, (_, row) => (
    Float32Array.from(all.subarray(row * columns, (row + 1) * columns), (n) => low + step * n)))
}
