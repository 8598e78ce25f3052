// A sentence whose tokens a click hides, and bars for what each network would put into the blanks.

import { showBars, visible } from "./core/tokens.js"

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  const root = parent.querySelector(".text-panel")
  return { update: (component) => draw(root, component), unmount: () => {} }
}

function draw(root, { data, setTriggerValue }) {
  const box = root.querySelector(".text"), focused = [...box.children].indexOf(document.activeElement)
  root.setAttribute("aria-label", data.labels.panel)
  sentence(box, data, (pick) => setTriggerValue("pick", pick))
  box.children[focused]?.focus()
  root.querySelector(".hint").textContent = data.labels.hint
  root.querySelector(".blanks").replaceChildren(...data.blanks.map((at) => blank(at, data.labels)))
  root.dataset.blanks = data.blanks.length
}

function sentence(box, data, pick) {
  box.replaceChildren(...data.tokens.map(([text, known, was], i) => {
    const button = document.createElement("button")
    button.type = "button"
    button.className = text == null ? "word blank" : known ? "word" : "word unknown"
    button.textContent = text == null ? "_" : visible(text)
    button.title = text != null ? data.labels.hide : was ? data.labels.fill : data.labels.typed
    button.disabled = text == null && !was
    button.setAttribute("aria-label", text == null ? `${data.labels.blank} ${i + 1}` : `${visible(text)} ${i + 1}`)
    button.onclick = () => pick({ at: i })
    return button
  }))
}

function blank({ around: [before, after], sides, was }, labels) {
  const card = document.createElement("section"), title = document.createElement("h4")
  card.className = "lane"
  const hole = document.createElement("b")
  hole.textContent = "_"
  title.append(before, hole, after)
  card.append(title)
  sides.forEach(({ name, fills }) => {
    const head = document.createElement("h5"), bars = document.createElement("div")
    head.textContent = was == null ? name : `${name} · ${fills[0]?.[0] === was ? labels.right : labels.wrong}`
    bars.className = "bars"
    showBars(bars, fills, was)
    card.append(head, bars)
  })
  if (was != null) {
    const note = document.createElement("p")
    note.className = "hint"
    note.textContent = labels.was.replace("{token}", () => visible(was))
    card.append(note)
  }
  return card
}
