// Which stretch of a text is marked: by a mouse that is dragged, by two taps of a finger, or by keys. Places are tokens
// of the whole text. A hand is ahead of the page: what the page sends while a mark is under way may be the answer to
// an earlier one.

const PATIENCE = 10000  // ms after which a mark counts as lost on the way

/**
 * @typedef {object} Stretch
 * @property {number} from its first token
 * @property {number} to after its last one
 */

/** The law: what is marked changes with the hand at once; the page hears of it when the hand is done. */
export class Marking {
  #known = null     // the stretch that the page has searched for, or has been told of
  #pending = null   // what the hand is about to mark
  #anchor = null    // the token where the hand began
  #hand = "rest"    // "drag": a mouse is down; "half": a finger has set one end
  #cursor = 0
  #start = 0        // of what is shown
  #stop = 0         // after it
  #most = Infinity  // tokens of a stretch
  #turn = 0
  #lost = 0         // when the mark that is under way counts as lost
  #now

  /** @param {() => number} [now] ms */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** @returns {Stretch | null} what is to be seen as marked */
  get mark() {
    return this.#pending ?? this.#known
  }

  /** @returns {boolean} it has not been searched for yet */
  get isPending() {
    return this.#pending !== null
  }

  /** @returns {"rest" | "drag" | "half"} */
  get hand() {
    return this.#hand
  }

  /** @returns {number} where the keys are */
  get cursor() {
    return this.#cursor
  }

  /**
   * What the page shows, and what it says is marked.
   * @param {{start: number, stop: number, most: number, mark: Stretch | null, answered: number}} told
   */
  take({ start, stop, most, mark, answered }) {
    const isElsewhere = start !== this.#start
    this.#start = start
    this.#stop = stop
    this.#most = most
    if (isElsewhere) this.#drop()
    if (isElsewhere || this.#cursor < start || this.#cursor >= stop) {
      this.#cursor = mark && mark.from >= start && mark.from < stop ? mark.from : start
    }
    if (answered < this.#turn && this.#now() < this.#lost) return
    this.#turn = answered
    this.#known = mark
  }

  /**
   * A button or a finger goes down on a token.
   * @param {number} at
   * @param {{isTouch?: boolean, extends?: boolean}} [how] `extends`: from the other end of what is marked
   * @returns {boolean} the hand is done
   */
  press(at, { isTouch = false, extends: goesOn = false } = {}) {
    if (isTouch && this.#hand === "half") {
      this.#stretch(at)
      return this.#finish()
    }
    if (!goesOn || this.#anchor === null) this.#anchor = at
    this.#hand = isTouch ? "half" : "drag"
    this.#stretch(at)
    return false
  }

  /**
   * A mouse moves over a token.
   * @param {number} at
   */
  over(at) {
    if (this.#hand === "drag") this.#stretch(at)
  }

  /** A button is let go, wherever. @returns {boolean} the hand is done */
  release() {
    return this.#hand === "drag" && this.#finish()
  }

  /**
   * A key moves the cursor.
   * @param {number} to
   * @param {boolean} marks what lies between is marked
   */
  move(to, marks) {
    const before = this.#cursor
    if (!marks) this.#drop()
    else if (!this.#pending || this.#anchor === null) this.#anchor = before
    this.#cursor = Math.min(Math.max(to, this.#start), this.#stop - 1)
    if (marks) this.#stretch(this.#cursor)
  }

  /** Enter: what is marked, or the token under the cursor. @returns {boolean} the hand is done */
  enter() {
    if (!this.#pending) {
      this.#anchor = this.#cursor
      this.#stretch(this.#cursor)
    }
    return this.#finish()
  }

  /** Escape: nothing was meant. */
  cancel() {
    this.#drop()
  }

  /** @returns {{from: number, to: number, turn: number}} what the page is to be told */
  told() {
    return { ...this.#known, turn: this.#turn }
  }

  #stretch(at) {
    const from = this.#anchor, far = this.#most - 1
    const end = Math.min(Math.max(at, from - far, this.#start), from + far, this.#stop - 1)
    this.#pending = { from: Math.min(from, end), to: Math.max(from, end) + 1 }
    this.#cursor = end
  }

  #finish() {
    this.#known = this.#pending
    this.#pending = null
    this.#hand = "rest"
    this.#turn += 1
    this.#lost = this.#now() + PATIENCE
    return true
  }

  #drop() {
    this.#pending = this.#anchor = null
    this.#hand = "rest"
  }
}
