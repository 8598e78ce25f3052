// Which runs were asked to stop and have not answered yet, without a browser.

/** What was asked of runs, until each has ended or has refused. */
export class Asked {
  #refusals = {}       // id → how often it has refused
  #asked = new Map()   // id → how often it had refused when it was asked

  /** @param {string} id is asked now */
  ask(id) {
    this.#asked.set(id, this.#refusals[id] ?? 0)
  }

  /** @param {Object<string, number>} refusals id → how often what was asked of it has been refused, so far */
  told(refusals) {
    this.#refusals = refusals
  }

  /** @param {string} id has ended */
  settle(id) {
    this.#asked.delete(id)
  }

  /** Whether an answer is still to come; asking again would be in vain. */
  waits(id) {
    return this.#asked.has(id) && this.#asked.get(id) === (this.#refusals[id] ?? 0)
  }
}
