// Numbers as people read them: the same functions as playground/format.py, held to the same cases by
// tests/number_cases.json. What is infinite is ∞, and what is missing or no number is –.

const SMALL = 1e-4          // what is smaller is written with a power of ten
const LARGE = 99999.5       // what is as large, too: it would round to 100,000
const LARGE_CHOICE = 1e7    // what is chosen keeps its digits for longer than what is measured
const MOST_POWER = 999999   // beyond this power of ten only the size is told
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" }

const besidePower = (digits) => Math.max(2, digits - 1)
const raised = (factor, power, times = " × 10") => factor + times + [...String(power)].map((c) => RAISED[c]).join("")
const grouped = (text) => text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","))
const signOf = (value) => (value < 0 ? "−" : "")

function unwritable(value) {
  return value == null || Number.isNaN(value) ? "–" : `${signOf(value)}∞`
}

function scientific(size, digits) {
  const [factor, power] = size.toExponential(digits - 1).split("e")
  return raised(factor, Number(power))
}

/**
 * A measured number: so many significant digits, but never fewer than its whole part has.
 * @param {number | null | undefined} value
 * @param {number} [digits] the significant ones, at least 1; beside a power of ten one fewer, two at least
 */
export function number(value, digits = 3) {
  if (value == null || !Number.isFinite(value)) return unwritable(value)
  const size = Math.abs(value)
  if (size && (size < SMALL || size >= LARGE)) return signOf(value) + scientific(size, besidePower(digits))
  return signOf(value) + grouped(String(size < 10 ** digits ? Number(size.toPrecision(digits)) : Number(size.toFixed(0))))
}

/**
 * With so many decimals, so that numbers below one another line up; a large one as `number` writes it.
 * @param {number | null | undefined} value
 * @param {number} decimals they are dropped from 1,000 on
 */
export function fixed(value, decimals) {
  if (value == null || !Number.isFinite(value)) return unwritable(value)
  const text = Math.abs(value).toFixed(decimals)
  if (Number(text) >= 1000) return signOf(value) + number(Math.abs(value))
  return (Number(text) ? signOf(value) : "") + text
}

/**
 * A chosen number, such as a learning rate or θ: as many digits as it takes, ten at most.
 * @param {number | null | undefined} value
 */
export function exact(value) {
  if (value == null || !Number.isFinite(value)) return unwritable(value)
  const size = Number(Math.abs(value).toPrecision(10))
  if (size && (size < SMALL || size >= LARGE_CHOICE)) {
    const [factor, power] = size.toExponential().split("e")
    return signOf(value) + raised(factor, Number(power))
  }
  return signOf(value) + grouped(String(size))
}

/**
 * What stands at a logarithmic axis: as `exact`, and a bare power of ten without a factor before it.
 * @param {number} value above 0
 */
export function tick(value) {
  const power = Math.round(Math.log10(value))
  const isBare = Math.abs(value / 10 ** power - 1) < 1e-9 && (value < SMALL || value >= LARGE)
  return isBare ? raised("10", power, "") : exact(value)
}

/**
 * A text that a library wrote, with its numbers as people read them: `1.23e+7` is `1.23 × 10⁷`.
 * @param {string} text
 */
export function withPowers(text) {
  return text.replace(/([\d.]+)e([+−-]?)(\d+)/g, (_, factor, sign, power) => (
    raised(String(Number(factor)), Number(power) * (sign === "−" || sign === "-" ? -1 : 1))))
}

/**
 * The perplexity that belongs to a loss, e to its power, also where no float is that large.
 * @param {number | null | undefined} loss nats a token
 */
export function perplexityText(loss, digits = 3) {
  if (loss == null || Number.isNaN(loss)) return "–"
  if (!Number.isFinite(loss)) return loss > 0 ? "∞" : "0"
  if (Math.abs(loss) < 700) return number(Math.exp(loss), digits)
  const power = Math.floor(loss / Math.LN10)
  if (Math.abs(power) > MOST_POWER) return power > 0 ? raised("> 10", MOST_POWER, "") : raised("< 10", -MOST_POWER, "")
  const [factor, more] = Math.exp(loss - power * Math.LN10).toExponential(besidePower(digits) - 1).split("e")
  return raised(factor, power + Number(more))
}

/**
 * A share of 1 in percent; one that is there but would be rounded away is told as smaller than the last digit.
 * @param {number | null | undefined} share from 0 to 1
 */
export function percent(share, decimals = 1) {
  if (share == null || !Number.isFinite(share)) return unwritable(share)
  const least = 10 ** -decimals
  if (share > 0 && 100 * share < least / 2) return `<${least.toFixed(decimals)}%`
  return `${(100 * share).toFixed(decimals)}%`
}
