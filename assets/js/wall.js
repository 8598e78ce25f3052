// The wall: every run of the last hour as a card with a small live curve. The page is not run anew for what is new.

import { number, perplexityText } from "./core/format.js"
import { at } from "./core/server.js"
import { Asked } from "./wall/asked.js"
import { called } from "./core/people.js"
import { Cards, chips, counts, differing, matching, ordered, ORDERS, settingText, stateText, usual } from "./wall/cards.js"
import { Follower } from "./core/follower.js"
import { sketch } from "./wall/sparkline.js"

const SVG = "http://www.w3.org/2000/svg"
const WIDTH = 200, HEIGHT = 64
const MOST_SETTINGS = 4  // on a card
const ACTIVE = new Set(["queued", "starting", "running", "paused"])
// What a teacher has made of the wall outlives the panel, which Streamlit may mount anew.
const kept = { search: "", order: "trouble" }

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  return new Wall(parent.querySelector(".wall"))
}

class Wall {
  #root
  #data = null
  #tell = null
  #cards = new Cards()
  #drawn = new Map()     // id → its element, so that a focus outlives news
  #stops = new Asked()
  #follower

  constructor(root) {
    this.#root = root
    this.#follower = new Follower({
      ask: async (signal) => {
        const answer = await fetch(at(`${this.#data.path}?since=${this.#cards.cursor}`), { signal })
        if (!answer.ok) throw new Error(String(answer.status))
        return answer.json()
      },
      take: (view) => { this.#cards.take(view); this.#draw() },
      lost: (isLost) => {
        this.#find(".lost").hidden = !isLost
        this.#find(".lost").textContent = isLost ? this.#data.lost : ""
      },
    })
    this.#find(".filter").value = kept.search
    this.#find(".filter").oninput = (event) => { kept.search = event.target.value; this.#draw() }
    this.#find(".order").onchange = (event) => { kept.order = event.target.value; this.#draw(true) }
  }

  update({ data, setTriggerValue }) {
    this.#data = data
    this.#tell = setTriggerValue
    this.#stops.told(data.refused)
    const { labels } = data
    this.#find(".filter").placeholder = labels.filter
    this.#find(".filter").setAttribute("aria-label", labels.filter)
    this.#find(".order").setAttribute("aria-label", labels.sort)
    this.#find(".order").replaceChildren(...Object.keys(ORDERS).map((name) => new Option(labels.orders[name], name)))
    this.#find(".order").value = kept.order
    this.#find(".key").replaceChildren(line("train"), labels.train, line("heldout"), labels.heldout, line("guessing"), labels.guessing,
                                      Object.assign(document.createElement("span"), { textContent: labels.chips }))
    this.#draw()
    this.#follower.wake()
  }

  unmount() {
    this.#follower.stop()
  }

  #find(query) {
    return this.#root.querySelector(query)
  }

  #draw(isAnew = false) {
    const { labels } = this.#data, all = this.#cards.all(), grid = this.#find(".cards")
    const shown = matching(all, kept.search, (card) => this.#textOf(card)), names = differing(shown), common = usual(shown)
    const isUnderHand = !isAnew && matchMedia("(hover: hover)").matches && grid.matches(":hover")
    const fixed = isUnderHand ? [...grid.children].map(({ dataset }) => dataset.run) : undefined
    for (const id of this.#drawn.keys()) if (!this.#cards.ids.includes(id)) this.#drawn.delete(id)
    const drawn = ordered(shown, kept.order, fixed).map((card) => this.#card(card, names, common))
    if (drawn.length !== grid.children.length || drawn.some((card, i) => card !== grid.children[i])) grid.replaceChildren(...drawn)
    const n = counts(all), told = Object.keys(n).filter((kind) => n[kind]).map((kind) => labels.counts[kind].replace("{n}", n[kind]))
    if (this.#cards.leftOff) told.push(labels.left_off.replace("{n}", this.#cards.leftOff))
    this.#find(".counts").textContent = told.join(" · ")
    this.#find(".nothing").textContent = all.length ? labels.no_match : labels.nothing
    this.#find(".nothing").hidden = drawn.length > 0 || !this.#cards.cursor
    this.#find(".key").hidden = !drawn.length
    this.#find(".key span").hidden = !grid.querySelector(".settings li")
  }

  #ownerOf({ owner }) {
    return called(owner, this.#data.labels.people)
  }

  #settings({ settings }, names) {
    const told = Object.entries(settings).filter(([name]) => names.has(name) && this.#data.settings[name])
    const texts = { ...this.#cards.texts, ...this.#data.texts }
    return told.map(([name, value]) => settingText(name, value, this.#data.settings, texts))
  }

  #textOf(card) {
    return [this.#ownerOf(card), card.name, stateText(card, this.#data.labels), this.#data.labels.caveats[card.caveat] ?? "", ...this.#settings(card, new Set(Object.keys(card.settings)))].join(" ")
  }

  #card(card, names, common) {
    const root = this.#drawn.get(card.id) ?? this.#newCard(card.id), { labels } = this.#data
    const put = (query, text) => { const place = root.querySelector(query); if (place.textContent !== text) place.textContent = text }
    root.classList.toggle("trouble", card.trouble != null)
    root.classList.toggle("ended", !ACTIVE.has(card.status))
    put(".owner", this.#ownerOf(card))
    put(".name", card.name)
    put(".state", stateText(card, labels))
    put("p .epoch", `${labels.epoch} ${number(card.epoch)}${card.epochs == null ? "" : ` / ${number(card.epochs)}`}`)
    put("p .train", `${labels.train} ${perplexityText(card.train_loss)}`)
    put("p .caveat", labels.caveats[card.caveat] ?? "")
    put("p .heldout", card.heldout_loss == null ? "" : `${labels.heldout} ${perplexityText(card.heldout_loss)}`)
    const told = this.#settings(card, new Set([...names].filter((name) => common.get(name) !== JSON.stringify(card.settings[name]))))
    root.querySelector(".settings").replaceChildren(...chips(told, MOST_SETTINGS).map(({ text, title }) => (
      Object.assign(document.createElement("li"), { textContent: text, title }))))
    this.#curve(root, card)
    const stop = root.querySelector(".stop"), open = root.querySelector(".open"), isActive = ACTIVE.has(card.status)
    if (!isActive) this.#stops.settle(card.id)
    stop.hidden = !isActive
    stop.disabled = this.#stops.waits(card.id)
    for (const [button, label] of [[open, labels.open], [stop, labels.stop]]) {
      button.textContent = label
      button.setAttribute("aria-label", `${label}: ${this.#ownerOf(card)}, ${card.name}`)
    }
    return root
  }

  #curve(root, card) {
    const svg = root.querySelector("svg"), drawn = sketch(card, WIDTH, HEIGHT), { labels } = this.#data
    const [guessing, heldout, train] = svg.children
    guessing.setAttribute("d", drawn.guessing == null ? "" : `M0 ${drawn.guessing.toFixed(1)}H${WIDTH}`)
    train.setAttribute("d", drawn.train)
    heldout.setAttribute("d", drawn.heldout)
    svg.setAttribute("aria-label", labels.curve.replace("{n}", perplexityText(card.heldout_loss ?? card.train_loss)))
    root.querySelector(".beyond").hidden = !drawn.isBeyond
  }

  #newCard(id) {
    const root = document.createElement("article")
    root.dataset.run = id
    root.innerHTML = '<header><b class="owner"></b> <span class="name"></span><span class="state"></span></header>'  // no word of anybody's
      + '<div class="curve"><span class="beyond" hidden>▲</span></div><p><span class="epoch"></span><span class="train"></span>'
      + '<span class="heldout"></span><span class="caveat"></span></p><ul class="settings"></ul><footer><button type="button" class="open"></button>'
      + '<button type="button" class="stop"></button></footer>'
    const svg = document.createElementNS(SVG, "svg")
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`)
    svg.setAttribute("preserveAspectRatio", "none")
    svg.setAttribute("role", "img")
    for (const name of ["guessing", "heldout", "train"]) {
      const path = document.createElementNS(SVG, "path")
      path.setAttribute("class", name)
      svg.append(path)
    }
    root.querySelector(".curve").append(svg)
    root.querySelector(".open").onclick = () => this.#tell("open", id)
    root.querySelector(".stop").onclick = (event) => {
      this.#stops.ask(id)
      event.target.disabled = true
      this.#tell("stop", id)
    }
    this.#drawn.set(id, root)
    return root
  }
}

function line(name) {
  const sample = document.createElement("i")
  sample.className = name
  return sample
}
