// A challenge's board, kept up to date by itself: the page is not run anew for what is new.

import { called } from "./core/people.js"
import { exact } from "./core/format.js"
import { at } from "./core/server.js"
import { filled, rows, time } from "./challenge/rows.js"
import { Follower } from "./core/follower.js"

const CALM = 2000  // ms between two questions: a class asks all the time
const ACTIVE = new Set(["queued", "starting", "running", "paused"])

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new Board(parent.querySelector(".challenge-board"))
}

class Board {
  #root
  #data = null
  #tell = null
  #view = null
  #drawn = ""           // what stands there, so that nothing is drawn anew under a hand or a focus
  #unfolded = new Set()  // people whose other runs are shown
  #follower

  constructor(root) {
    this.#root = root
    this.#follower = new Follower({
      ask: async (signal) => {
        const answer = await fetch(at(this.#data.path), { signal })
        if (!answer.ok) throw new Error(String(answer.status))
        return answer.json()
      },
      take: (view) => { this.#view = view; this.#draw() },
      lost: (isLost) => {
        this.#find(".lost").hidden = !isLost
        this.#find(".lost").textContent = isLost ? this.#data.lost : ""
      },
      calm: CALM,
    })
  }

  update({ data, setTriggerValue }) {
    if (this.#data && this.#data.path !== data.path) this.#view = null
    this.#data = data
    this.#tell = setTriggerValue
    this.#root.classList.toggle("large", data.is_large)
    this.#find("table").setAttribute("aria-label", data.labels.board)
    this.#draw()
    this.#follower.wake()
  }

  unmount() {
    this.#follower.stop()
  }

  #find(query) {
    return this.#root.querySelector(query)
  }

  #draw() {
    const { labels, rungs } = this.#data, view = this.#view
    if (!view) return
    const state = JSON.stringify([view, labels, rungs, [...this.#unfolded]])
    if (state === this.#drawn) return
    this.#drawn = state
    const told = rows(view, rungs), best = told.find(({ rung }) => rung)?.rung, focus = document.activeElement?.dataset?.focus
    this.#find("table").hidden = !told.length
    this.#find(".nothing").hidden = view.lines.length > 0
    this.#find(".nothing").textContent = view.is_open ? labels.nothing : labels.nothing_any_more
    const columns = ["rank", "person", "perplexity", "network", "parameters", "time"].map((name) => cell("th", name, labels.columns[name]))
    this.#find("thead").replaceChildren(row("", ...columns, cell("th", "open", "")))
    this.#find("tbody").replaceChildren(...told.flatMap(({ rung, line }) => (rung ? [this.#rung(rung, rung === best)] : this.#line(line))))
    this.#excluded(view.excluded)
    if (focus) this.#root.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus()
  }

  #rung({ label, text }, isBest) {
    return row("rung", cell("td", "rank", ""), cell("td", "person", label), cell("td", "perplexity", text),
               cell("td", "network", isBest ? this.#data.labels.counted : ""), cell("td", "parameters", ""), cell("td", "time", ""), cell("td", "open", ""))
  }

  #line(line) {
    const { labels } = this.#data, who = this.#ownerOf(line), key = JSON.stringify(line.owner)
    const first = this.#run(line.best, line.is_own ? "own" : "", line.rank ?? "", who)
    if (!line.others.length) return [first]
    const isUnfolded = this.#unfolded.has(key), more = button(isUnfolded ? "−" : `+${line.others.length}`, `more ${key}`)
    more.className = "more"
    more.title = filled(labels.more, { n: line.others.length, who })
    more.setAttribute("aria-label", more.title)
    more.setAttribute("aria-expanded", isUnfolded)
    more.onclick = () => { if (!this.#unfolded.delete(key)) this.#unfolded.add(key); this.#draw() }
    first.querySelector(".person").firstChild.after(more)
    return isUnfolded ? [first, ...line.others.map((run) => this.#run(run, "other", "", ""))] : [first]
  }

  #run(run, kind, rank, who) {
    const { labels } = this.#data
    const parameters = run.parameters == null ? "" : exact(run.parameters)
    const when = run.loss == null ? labels.statuses[run.status] : time(run.seconds, labels)
    const person = cell("td", "person", ""), name = document.createElement("span")
    name.className = "name"
    name.textContent = who
    const aside = document.createElement("small")
    const parts = [run.network, parameters && filled(labels.parameters, { n: parameters }), when].filter(Boolean)
    aside.append(...parts.flatMap((text, i) => [i ? " · " : "", Object.assign(document.createElement("span"), { textContent: text })]))
    person.append(name, aside)
    const open = cell("td", "open", "")
    if (run.id) {
      const press = button(labels.open, `open ${run.id}`)
      press.setAttribute("aria-label", `${labels.open}: ${[who, run.network, run.perplexity].filter(Boolean).join(", ")}`)
      press.onclick = () => this.#tell("open", run.id)
      open.append(press)
    }
    const isLive = this.#view.is_open && ACTIVE.has(run.status), perplexity = cell("td", "perplexity", run.perplexity)
    if (isLive) perplexity.title = labels.statuses[run.status]
    return row(`${kind}${isLive ? " live" : ""}`, cell("td", "rank", rank), person, perplexity,
               cell("td", "network", run.network), cell("td", "parameters", parameters), cell("td", "time", when), open)
  }

  #excluded(excluded) {
    const { labels } = this.#data
    this.#find(".excluded").hidden = !excluded.length
    this.#find("summary").textContent = filled(labels.excluded, { n: excluded.length })
    this.#find("ul").replaceChildren(...excluded.map((line) => {
      const item = document.createElement("li"), name = document.createElement("b")
      name.textContent = `${this.#ownerOf(line)} · ${line.run.network}`
      item.append(name, ` ${filled(labels.reasons[line.why], line.params)} `)
      if (line.run.id) {
        const press = button(labels.open, `open ${line.run.id}`)
        press.setAttribute("aria-label", `${labels.open}: ${name.textContent}`)
        press.onclick = () => this.#tell("open", line.run.id)
        item.append(press)
      }
      return item
    }))
  }

  #ownerOf({ owner, is_own }) {
    const { labels } = this.#data
    const name = called(owner, labels.people)
    return is_own ? filled(labels.you, { name }) : name
  }
}

function row(kind, ...cells) {
  const made = document.createElement("tr")
  made.className = kind
  made.append(...cells)
  return made
}

function cell(tag, name, text) {
  const made = document.createElement(tag)
  made.className = name
  made.textContent = text
  if (tag === "th") made.scope = "col"
  return made
}

function button(text, focus) {
  const made = document.createElement("button")
  made.type = "button"
  made.textContent = text
  made.dataset.focus = focus
  return made
}
