// One text: fetched as it is written, and shown token by token as the panel's clock lets it.

import { at } from "../core/server.js"
import { inLine, tokenSpan } from "../core/tokens.js"
import { Copied } from "./copied.js"
import { inTurn } from "./turn.js"

export class Lane {
  #title = document.createElement("h4")
  #abort = new AbortController()
  #between
  #bits
  #copied = new Copied()
  box = document.createElement("section")
  text = document.createElement("p")
  /** @type {string[]} */
  prefix = []
  /** @type {import("../core/tokens.js").Token[]} */
  tokens = []
  /** How many tokens are on the screen. */
  shown = 0
  /** The token that was looked at last; -1 is none. */
  cursor = -1
  /** @type {"waiting" | "writing" | "whole" | "done" | "failed"} whole: nothing more is to come */
  state = "waiting"
  /** The server has too many texts to write; this one asks again by itself. */
  isQueued = false
  /** What the server said is wrong; empty where it said nothing. */
  problem = ""

  /**
   * @param {string} between follows every token
   * @param {string} bits `{n} bits` in the page's language
   */
  constructor(between, bits) {
    this.#between = between
    this.#bits = bits
    this.box.className = "lane"
    this.text.className = "text"
    this.text.tabIndex = 0
    this.box.append(this.#title, this.text, this.#copied.box)
  }

  /** @param {string} title empty is none */
  set title(title) {
    this.#title.textContent = title
    this.#title.hidden = !title
  }

  get title() {
    return this.#title.textContent
  }

  /** Something is to come, or to be shown. */
  get isBusy() {
    return ["waiting", "writing", "whole"].includes(this.state)
  }

  /** @param {import("../core/tokens.js").Token[]} tokens a text that is there already */
  fill(tokens) {
    this.tokens = tokens
    this.state = "done"
    this.grow(tokens.length)
  }

  /**
   * Fetch a text: one line of JSON after another, the prefix first, then lists of tokens, at last what is copied.
   * @param {string} path the server's
   * @param {() => Promise<void>} rest waited for before more is read; the server then rests too
   * @param {() => void} changed told when it waits for a turn, and when it has failed or all has come
   */
  async stream(path, rest, changed) {
    const { signal } = this.#abort
    const waits = (isWaiting) => {
      if (isWaiting === this.isQueued) return
      this.isQueued = isWaiting
      changed()
    }
    try {
      const answer = await inTurn(() => fetch(at(path), { signal, headers: inLanguage() }), { signal, waits })
      if (!answer.ok) {
        this.problem = (await answer.json().catch(() => ({}))).error ?? ""
        throw new Error(String(answer.status))
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let kept = "";;) {
        await rest()
        const { value, done } = await reader.read()
        if (done) break
        const lines = (kept + value).split("\n")
        kept = lines.pop()
        for (const line of lines) this.#take(JSON.parse(line))
      }
      if (this.state !== "whole" && this.state !== "done") throw new Error("cut off")
    } catch {
      if (signal.aborted) return
      this.state = "failed"
    }
    changed()
  }

  /**
   * Show so many more tokens.
   * @param {number} count
   */
  grow(count) {
    const to = Math.min(this.shown + count, this.tokens.length)
    this.text.append(...this.tokens.slice(this.shown, to).map((token, i) => (
      tokenSpan(token, this.shown + i, this.#between, this.#bits))))
    this.shown = to
    if (this.state === "whole" && this.shown === this.tokens.length) this.state = "done"
  }

  /**
   * Below a text that is done, say what of it is copied; the prefix is a person's and does not count.
   * @param {import("./copied.js").Labels} labels
   */
  tellCopied(labels) {
    if (this.state === "done") this.#copied.draw(this.tokens.map(([text]) => text).join(this.#between), labels)
  }

  /** What is on the screen, as text. */
  get written() {
    return [...this.prefix, ...this.tokens.slice(0, this.shown).map(([text]) => text)].join(this.#between)
  }

  /** Take it away, with what it still asks for. */
  remove() {
    this.#abort.abort()
    this.box.remove()
  }

  #take({ prefix, tokens, done, copied, error }) {
    if (prefix) {
      const span = document.createElement("span")
      span.className = "prefix"
      span.append(...prefix.map(([text, known]) => {
        const token = document.createElement("span")
        token.textContent = inLine(text) + this.#between
        if (!known) Object.assign(token, { className: "unknown", title: "<unk>" })
        return token
      }))
      this.prefix = prefix.map(([text]) => text)
      this.text.replaceChildren(span)
      this.state = "writing"
    }
    if (tokens) this.tokens.push(...tokens)
    if (copied) this.#copied.told = copied
    if (done) this.state = "whole"
    if (error) {
      this.problem = error
      throw new Error(error)
    }
  }
}

// What goes wrong is told in the page's language.
function inLanguage() {
  return { "Accept-Language": document.documentElement.lang || "en" }
}
