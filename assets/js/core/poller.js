// Follows a run: asks for what is new since the last answer, one poll after another.

import { Locked } from "./history.js"

const FAST = 250         // ms between polls until the first point
const CALM = 1000        // … while training
const LOST = 3000        // … after a failed poll; twice as long after every further one
const MOST_LOST = 12000  // … but no longer than this
const PATIENCE = 15000   // ms before a poll counts as failed

/** Statuses in which a run's history may still grow. */
export const ACTIVE = new Set(["queued", "starting", "running", "paused"])

/** @typedef {import("./history.js").History} History */

/**
 * The law: never two polls at once, and what is handed on, put together, is the whole history since the last
 * restart. A run that was taken back to a checkpoint, or that ended after it had grown here, is read anew from its
 * beginning: from then on everybody sees the same thinned curve.
 */
export class Poller {
  #ask
  #take
  #lost
  #deleted
  #isHidden
  #clock
  #cursor = 0
  #revision = null
  #hasPoints = false
  #hasGrown = false
  #isAnew = false
  #isWanted = false
  #isEnded = false  // as the run was told last
  #isOver = false
  #failures = 0
  #timer = null
  #asking = null

  /**
   * @param {object} options
   * @param {(after: number, signal: AbortSignal) => Promise<History | null>} options.ask what is new since a cursor;
   *   null where there is no such run any more
   * @param {(history: History, isRestart: boolean) => void} options.take takes what is new; a restart is the whole
   * @param {(isLost: boolean, isLocked: boolean) => void} options.lost told after every poll: the server did not answer, or
   *   answered that its database is locked
   * @param {() => void} options.deleted the run is gone; nothing is asked any more
   * @param {() => boolean} [options.isHidden] nobody looks: nothing is asked until `poke`
   * @param {{setTimeout: Function, clearTimeout: Function}} [options.clock]
   */
  constructor({ ask, take, lost, deleted, isHidden = () => document.hidden, clock = globalThis }) {
    this.#ask = ask
    this.#take = take
    this.#lost = lost
    this.#deleted = deleted
    this.#isHidden = isHidden
    this.#clock = clock
  }

  /** Ask now, or, where a poll is under way, once more right after it. */
  poke() {
    if (this.#isOver) return
    this.#isWanted = true
    if (!this.#asking) this.#poll()
  }

  /** Somebody looks again: ask where something may be new. */
  wake() {
    if (this.#isWanted || !this.#isEnded) this.poke()
  }

  /** Ask no more; an answer that is under way is thrown away. */
  stop() {
    this.#isOver = true
    this.#clock.clearTimeout(this.#timer)
    this.#asking?.abort()
  }

  async #poll() {
    this.#clock.clearTimeout(this.#timer)
    if (this.#isOver) return
    this.#isWanted = this.#isHidden()  // `wake` asks then
    if (this.#isWanted) return
    const asking = this.#asking = new AbortController()
    const patience = this.#clock.setTimeout(() => asking.abort(), PATIENCE)
    let history, isLocked = false
    try {
      history = await this.#ask(this.#isAnew ? 0 : this.#cursor, asking.signal)
    } catch (error) {
      history = undefined
      isLocked = error instanceof Locked
    }
    this.#clock.clearTimeout(patience)
    this.#asking = null
    if (this.#isOver) return
    this.#lost(history === undefined, isLocked)
    if (isLocked) this.#failures = 0  // it is there, and waits for its database itself
    let wait = LOST
    try {
      wait = this.#digest(history)
    } catch (error) {  // what was half taken is taken anew
      console.error(error)
      this.#isAnew = true
    }
    if (this.#isWanted) this.#poll()
    else if (wait != null) this.#timer = this.#clock.setTimeout(() => this.#poll(), wait)
  }

  // Hands an answer on; the wait until the next poll, null for none.
  #digest(history) {
    if (history === undefined) return Math.min(LOST * 2 ** this.#failures++, MOST_LOST)
    this.#failures = 0
    if (history === null) {
      this.#isOver = true
      this.#deleted()
      return null
    }
    const isEnded = !ACTIVE.has(history.status), isRestart = this.#isAnew, points = history.steps.epoch.length
    const hasGrown = !isRestart && (this.#hasGrown || (this.#hasPoints && points > 0))
    const isOutdated = this.#hasPoints && history.revision !== this.#revision
    if (!isRestart && (isOutdated || (isEnded && hasGrown))) {
      this.#isAnew = this.#isWanted = true
      return null
    }
    this.#take(history, isRestart)
    this.#hasGrown = hasGrown
    this.#hasPoints = points > 0 || (!isRestart && this.#hasPoints)
    this.#isAnew = false
    this.#isEnded = isEnded
    this.#revision = history.revision
    this.#cursor = history.cursor
    return isEnded ? null : this.#hasPoints ? CALM : FAST
  }
}
