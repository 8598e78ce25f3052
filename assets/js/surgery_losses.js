// What changes to a network cost: a table of classes with bars, and one of single predictions.

import { visible } from "./core/tokens.js"
import { bar } from "./surgery/bar.js"

/** @param {Element} parent holds the panel's HTML */
export function mount(parent) {
  const root = parent.querySelector(".losses-panel")
  return { update: ({ data }) => draw(root, data), unmount: () => {} }
}

function draw(root, { losses, changed, labels }) {
  root.setAttribute("aria-label", labels.table)
  root.dataset.classes = losses.length
  const heads = [labels.class, labels.count, labels.before, labels.after, labels.change, labels.perplexity]
  const tables = [table(labels.table, heads, losses.map((loss) => lossRow(loss, heads)))]
  if (changed.length) {
    const names = [labels.context, labels.token, labels.probability]
    const singles = table(labels.changed, names, changed.map((each) => changedRow(each, names, labels)))
    singles.className = "single"
    tables.push(singles)
  }
  root.querySelector(".tables").replaceChildren(...tables)
}

function table(caption, heads, rows) {
  const made = element("table"), head = element("thead"), row = element("tr"), body = element("tbody")
  row.append(...heads.map((text, i) => scoped(element("th", i ? "" : "words", text), "col")))
  head.append(row)
  body.append(...rows)
  made.append(element("caption", "", caption), head, body)
  return made
}

function lossRow({ name, title, tokens, before, after, change, share, perplexity }, heads) {
  const row = element("tr", name === "all" ? "all" : ""), { side, width } = bar(share)
  row.dataset.class = name
  const cell = element("td", "change", change), track = element("span", `bar ${side}`), fill = element("i")
  fill.style.width = `${width}%`
  track.setAttribute("aria-hidden", "true")  // the number beside it says the same
  track.append(fill)
  cell.append(track)
  row.append(scoped(element("th", "words", title), "row"), labelled(tokens, heads[1]), labelled(before, heads[2]),
             labelled(after, heads[3]), cell, labelled(perplexity, heads[5]))
  return row
}

function changedRow({ context, token, before, after, is_worse: isWorse, position }, heads, labels) {
  const row = element("tr"), text = element("td", "words text", [...context].map(visible).join(""))
  text.title = labels.position.replace("{n}", position)
  const comes = element("td", "text token", visible(token))
  comes.dataset.label = heads[1]
  row.append(text, comes, labelled(`${before} → ${after} ${isWorse ? "▼" : "▲"}`, heads[2]))
  return row
}

function labelled(text, label) {
  const cell = element("td", "", text)
  cell.dataset.label = label
  return cell
}

function scoped(cell, scope) {
  cell.scope = scope
  return cell
}

function element(tag, name = "", text = "") {
  const made = document.createElement(tag)
  made.className = name
  made.textContent = text
  return made
}
