// What the page does not know yet, told to it once: a rerun explains it.

export class Report {
  #told = { status: null, exploded: false }

  /**
   * @param {{status: string, exploded: boolean}} known as the page was drawn
   * @param {import("../core/history.js").History} history
   * @param {(what: string) => void} tell
   */
  update(known, { status, metrics }, tell) {
    if (status === known.status) this.#told.status = null
    else if (status !== this.#told.status) {
      this.#told.status = status
      tell(status)
    }
    if (metrics.exploded && !known.exploded && !this.#told.exploded) {
      this.#told.exploded = true
      tell("exploded")
    }
  }
}
