// Two texts side by side: as the network writes it, and with its units changed. What is not in both is marked.

import { inLine } from "./core/tokens.js"

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  const root = parent.querySelector(".surgery-panel")
  return { update: ({ data }) => draw(root, data), unmount: () => {} }
}

function draw(root, { lanes, prefix, labels }) {
  root.setAttribute("aria-label", labels.panel)
  root.dataset.lanes = lanes.length
  const legend = root.querySelector(".legend")
  legend.textContent = labels.legend
  legend.hidden = !labels.legend
  root.querySelector(".lanes").replaceChildren(...lanes.map((lane) => section(lane, prefix)))
}

function section({ title, pieces, note }, prefix) {
  const box = document.createElement("section"), head = document.createElement("h4"), text = document.createElement("p")
  head.textContent = title
  text.className = "text"
  const begun = document.createElement("span")
  begun.className = "prefix"
  begun.textContent = lined(prefix)
  text.append(begun, ...pieces.map(piece))
  text.querySelector("mark")?.classList.add("parts")
  box.append(head, text)
  if (note) {
    const told = document.createElement("p")
    told.className = "note"
    told.textContent = note
    box.append(told)
  }
  return box
}

function piece({ text, isSame }) {
  const span = document.createElement(isSame ? "span" : "mark")
  span.textContent = lined(text)
  return span
}

// Where a line ends is seen.
const lined = (text) => [...text].map(inLine).join("")
