// Asks now and then whether the teacher shows something else; the page draws what is shown.

import { Follower } from "./core/follower.js"
import { at } from "./core/server.js"

const CALM = 5000  // ms between two questions: a class asks all the time

/** @returns {Stage} the panel; it draws nothing */
export function mount() {
  return new Stage()
}

export class Stage {
  #data = null
  #tell = null
  #told = null  // the version that the page was told of last
  #follower

  /** @param {Partial<ConstructorParameters<typeof Follower>[0]>} [options] for tests */
  constructor(options = {}) {
    this.#follower = new Follower({
      ask: async (signal) => {
        const answer = await fetch(at(this.#data.path), { signal })
        if (!answer.ok) throw new Error(String(answer.status))
        return answer.json()
      },
      take: ({ version }) => this.#take(version),
      lost: () => {},
      calm: CALM,
      ...options,
    })
  }

  update({ data, setTriggerValue }) {
    const isFirst = !this.#data
    this.#data = data
    this.#tell = setTriggerValue
    if (isFirst) this.#follower.wake()
  }

  unmount() {
    this.#follower.stop()
  }

  #take(version) {
    if (version === this.#data.version) this.#told = null
    else if (version !== this.#told) {
      this.#told = version
      this.#tell("changed", version)
    }
  }
}
