// The document's language, and Streamlit's own words in it: its menu, its uploader, its hints know English alone.
// Whatever a person wrote or we have drawn is left as it is: only Streamlit's own places are looked at.

import { Drawer } from "./frame/drawer.js"
import { toTop } from "./frame/top.js"
import { lookUp } from "./frame/words.js"

const PLACES = ["stFileUploader", "stMainMenu", "stMainMenuPopover", "stMainMenuList", "InputInstructions",
  "stElementToolbar", "stStatusWidget", "stToolbar", "stSkipToContent", "stHeader", "stDataFrameColumnMenu",
  "stDataFrameColumnVisibilityMenu", "stTooltipContent", "stTooltipErrorContent", "stDialog"]
  .map((id) => `[data-testid="${id}"]`).concat('[role="dialog"]:not([data-testid="stPopoverBody"])').join(",")
const OURS = "[data-testid=stBidiComponentRegular], [data-testid=stBidiComponentIsolated]"  // panels speak for themselves
const LABELS = ["aria-label", "title", "placeholder"]
const LABELLED = LABELS.map((name) => `[${name}]`).join(",")

const drawer = new Drawer()  // outlives a page: another one mounts the panel anew

export function mount() {
  const was = new WeakMap()  // text node or element → {attribute or "text": [theirs, ours]}
  let say = () => undefined

  // Theirs again where it is we who wrote it, else what stands there.
  function told(node, what, now) {
    const [theirs, ours] = was.get(node)?.[what] ?? []
    return now === ours ? theirs : now
  }

  function put(node, what, now, write) {
    const theirs = told(node, what, now), ours = say(theirs) ?? theirs
    if (ours !== theirs) was.set(node, { ...was.get(node), [what]: [theirs, ours] })
    if (ours !== now) write(ours)
  }

  function texts(place) {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const node = walker.currentNode
      if (!node.parentElement.closest("pre, code, style")) put(node, "text", node.data, (text) => { node.data = text })
    }
  }

  function labels(element) {
    if (element.closest(OURS)) return
    for (const name of LABELS) {
      const now = element.getAttribute(name)
      if (now) put(element, name, now, (text) => element.setAttribute(name, text))
    }
  }

  function look(root) {
    if (root.nodeType === Node.TEXT_NODE) {
      if (root.parentElement?.closest(PLACES)) texts(root.parentElement)
      return
    }
    if (root.nodeType !== Node.ELEMENT_NODE) return
    if (root.closest(PLACES)) texts(root)
    else for (const place of root.querySelectorAll(PLACES)) texts(place)
    labels(root)
    for (const element of root.querySelectorAll(LABELLED)) labels(element)
  }

  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (target.ownerSVGElement !== undefined) continue  // charts are ours
      if (type === "childList") addedNodes.forEach(look)
      else if (type === "attributes") labels(target)
      else look(target)
    }
  })

  document.addEventListener("click", toTop)

  return {
    update({ data }) {
      document.documentElement.lang = data.language
      drawer.update(`${data.page} ${data.language}`)
      say = lookUp(data.words)
      look(document.body)
      observer.observe(document.body,
        { childList: true, characterData: true, subtree: true, attributes: true, attributeFilter: LABELS })
    },
    unmount() {
      observer.disconnect()
      document.removeEventListener("click", toTop)
    },
  }
}
