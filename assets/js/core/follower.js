// Asks for what is new, one question after another; not while nobody looks.

const CALM = 1000        // ms between two questions
const LOST = 3000        // … after one that was not answered; twice as long after every further one
const MOST_LOST = 12000  // … but no longer than this
const PATIENCE = 15000   // ms before a question counts as not answered

/** Never asks twice at once. */
export class Follower {
  #ask
  #take
  #lost
  #page
  #clock
  #timer = null
  #asking = null
  #failures = 0
  #isOver = false

  /**
   * @param {object} options
   * @param {(signal: AbortSignal) => Promise<object>} options.ask
   * @param {(answer: object) => void} options.take
   * @param {(isLost: boolean) => void} options.lost told after every question
   * @param {number} [options.calm] ms between two questions
   * @param {EventTarget & {hidden: boolean}} [options.page] nobody looks while it is hidden: nothing is asked until it is not
   * @param {{setTimeout: Function, clearTimeout: Function}} [options.clock]
   */
  constructor({ ask, take, lost, calm = CALM, page = globalThis.document, clock = globalThis }) {
    this.#ask = ask
    this.#take = take
    this.#lost = lost
    this.calm = calm
    this.#page = page
    this.#clock = clock
    page?.addEventListener("visibilitychange", this.#seen)
  }

  /** Ask now, unless a question is under way. */
  wake() {
    if (this.#isOver || this.#asking) return
    this.#clock.clearTimeout(this.#timer)
    if (!this.#page?.hidden) this.#poll()
  }

  /** Ask no more; an answer that is under way is thrown away. */
  stop() {
    this.#isOver = true
    this.#page?.removeEventListener("visibilitychange", this.#seen)
    this.#clock.clearTimeout(this.#timer)
    this.#asking?.abort()
  }

  #seen = () => this.wake()

  async #poll() {
    const asking = this.#asking = new AbortController()
    const patience = this.#clock.setTimeout(() => asking.abort(), PATIENCE)
    let answer
    try {
      answer = await this.#ask(asking.signal)
    } catch {
      answer = undefined
    }
    this.#clock.clearTimeout(patience)
    this.#asking = null
    if (this.#isOver) return
    const isLost = answer === undefined, wait = isLost ? Math.min(LOST * 2 ** this.#failures++, MOST_LOST) : this.calm
    if (!isLost) this.#failures = 0
    this.#timer = this.#clock.setTimeout(() => this.wake(), wait)
    this.#lost(isLost)
    if (!isLost) this.#take(answer)
  }
}
