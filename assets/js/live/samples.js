// What a run writes while it trains: the newest sample, and the earlier ones behind a fold.

const MOST = 200

export class Samples {
  #box
  #samples = []

  /** @param {Element} root */
  constructor(root) {
    this.#box = root.querySelector(".samples")
  }

  clear() {
    this.#samples = []
  }

  /**
   * @param {{epoch: number, prefix: string, text: string}[]} samples
   * @param {{at_epoch: string}} labels
   */
  add(samples, labels) {
    this.#samples = [...this.#samples, ...samples].slice(-MOST)
    const [newest, ...earlier] = this.#samples.map((sample) => line(sample, labels)).reverse()
    this.#box.hidden = !newest
    this.#box.querySelector(".newest").replaceChildren(...(newest ? [newest] : []))
    this.#box.querySelector(".earlier").replaceChildren(...earlier)
    this.#box.querySelector("details").hidden = !earlier.length
  }
}

function line({ epoch, prefix, text }, labels) {
  const p = document.createElement("p"), when = document.createElement("span"), start = document.createElement("b")
  when.className = "when"
  when.textContent = labels.at_epoch.replace("{n}", Number(epoch.toFixed(1)))
  start.textContent = prefix
  p.append(when, start, text)
  return p
}
