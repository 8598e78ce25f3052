// Streams what a network writes and shows it at a pace that an eye can follow; several lanes side by
// side. Called again whenever its data or the theme change; what lasts lives in `panels`.

const panels = new WeakMap()
const FRAME = 50  // ms between two looks at what has come
const CALM = 200  // ms between two sets of bars while a text is written: the machine may be training too

// --- lanes -------------------------------------------------------------------------------------

function laneOf(panel, wanted) {
  const box = document.createElement("section"), title = document.createElement("h4"), text = document.createElement("p")
  box.className = "lane"
  text.className = "text"
  text.tabIndex = 0
  box.append(title, text)
  const lane = { ...wanted, box, text, titleBox: title, tokens: wanted.tokens ?? [], shown: 0, state: "waiting",
                 abort: new AbortController() }
  text.onpointerover = (event) => look(panel, lane, event.target.dataset?.i)
  text.onclick = (event) => { panel.pinned = event.target.dataset?.i != null; look(panel, lane, event.target.dataset?.i, true) }
  text.onkeydown = (event) => step(panel, lane, event)
  if (wanted.url) stream(panel, lane)
  else { lane.state = "done"; grow(panel, lane, lane.tokens.length) }
  return lane
}

function name(lane) {
  lane.titleBox.textContent = lane.title
  lane.titleBox.hidden = !lane.title
}

// The answer is one line of JSON after the other: the prefix first, then lists of tokens.
async function stream(panel, lane) {
  try {
    const answer = await fetch(lane.url, { signal: lane.abort.signal })
    if (!answer.ok) throw new Error(String(answer.status))
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ""
    for (;;) {
      if (panel.stopped) await new Promise((go) => panel.waiting.push(go))  // then the server rests too
      const { value, done } = await reader.read()
      if (done) break
      const lines = (rest + value).split("\n")
      rest = lines.pop()
      for (const line of lines) take(panel, lane, JSON.parse(line))
    }
    if (lane.state !== "whole") throw new Error("cut off")
  } catch (error) {
    if (lane.abort.signal.aborted) return
    lane.state = "failed"
  }
  report(panel)
}

function take(panel, lane, news) {
  if (news.prefix) {
    const prefix = document.createElement("span")
    prefix.className = "prefix"
    prefix.append(...news.prefix.map(([text, known]) => {
      const span = document.createElement("span")
      span.textContent = text + panel.data.between
      if (!known) { span.className = "unknown"; span.title = "<unk>" }
      return span
    }))
    lane.prefix = news.prefix.map(([text]) => text)
    lane.text.replaceChildren(prefix)
    lane.state = "writing"
  }
  if (news.tokens) lane.tokens.push(...news.tokens)
  if (news.done) lane.state = "whole"
  if (news.error) { lane.diverged = true; throw new Error(news.error) }
}

// Shows so many more tokens.
function grow(panel, lane, count) {
  const to = Math.min(lane.shown + count, lane.tokens.length)
  const spans = []
  for (let i = lane.shown; i < to; i++) spans.push(tokenSpan(lane.tokens[i], i, panel.data.between))
  lane.text.append(...spans)
  lane.shown = to
  if (lane.state === "whole" && lane.shown === lane.tokens.length) lane.state = "done"
}

// --- the clock ---------------------------------------------------------------------------------

function tick(panel) {
  if (panel.gone || !busy(panel)) return
  panel.timer = setTimeout(() => tick(panel), FRAME)
  if (panel.stopped || document.hidden) return
  panel.due += panel.pace === Infinity ? 0 : panel.pace * FRAME / 1000
  const count = Math.floor(panel.due)
  panel.due -= count
  let moved = false
  for (const lane of panel.lanes) {
    if (!["writing", "whole"].includes(lane.state)) continue
    const before = lane.shown
    grow(panel, lane, panel.pace === Infinity ? lane.tokens.length : count)
    moved ||= lane.shown !== before || lane.state === "done"
  }
  if (moved) {
    const last = panel.lanes.findLast((lane) => lane.shown)
    if (last && !panel.pinned && (!busy(panel) || performance.now() - (panel.looked ?? 0) > CALM)) {
      panel.looked = performance.now()
      look(panel, last, last.shown - 1)
    }
    report(panel)
  }
}

function setPace(panel) {
  const value = Number(panel.speed.value)
  panel.pace = value >= 100 || matchMedia("(prefers-reduced-motion: reduce)").matches ? Infinity : 2 * 10 ** (value / 38)
}

function busy(panel) {
  return panel.lanes.some((lane) => ["waiting", "writing", "whole"].includes(lane.state))
}

function report(panel) {
  const states = panel.lanes.map((lane) => lane.state), atWork = busy(panel)
  const { labels } = panel.data
  const failed = states.includes("failed")
  panel.root.dataset.state = failed ? "failed" : atWork ? (panel.stopped ? "stopped" : "writing") : "done"
  panel.root.dataset.shown = panel.lanes.map((lane) => lane.shown).join(" ")
  const lost = panel.root.querySelector(".lost")
  lost.hidden = !failed
  lost.textContent = panel.lanes.some((lane) => lane.diverged) ? labels.diverged : labels.failed
  panel.stop.textContent = panel.stopped && atWork ? labels.goOn : labels.stop
  panel.stop.disabled = panel.all.disabled = !atWork
  for (const lane of panel.lanes) lane.text.classList.toggle("cursor", ["writing", "whole"].includes(lane.state) && !panel.stopped)
}

// --- looking -----------------------------------------------------------------------------------

// The bars of one place; a click or an arrow key keeps them there.
function look(panel, lane, i, press = false) {
  if (i == null || (panel.pinned && !press && panel.at)) return
  i = Number(i)
  const token = lane.tokens[i]
  lane.cursor = i
  if (!token?.[2]?.length) return
  panel.at?.classList.remove("at")
  panel.at = lane.text.querySelector(`.token[data-i="${i}"]`)
  if (press || panel.pinned) panel.at?.classList.add("at")
  const words = panel.data.labels.place.replace("{n}", i + 1).replace("{bits}", token[1].toFixed(2))
    .replace("{token}", () => visible(token[0]))
  panel.side.querySelector("h4").textContent = panel.lanes.length > 1 ? `${lane.title} · ${words}` : words
  showBars(panel.side.querySelector(".bars"), token[2], token[0])
  panel.side.hidden = false
}

// ← and → walk along the text that has the focus.
function step(panel, lane, event) {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (!way) return
  event.preventDefault()
  panel.pinned = true
  look(panel, lane, Math.min(Math.max((lane.cursor ?? -1) + way, 0), lane.shown - 1), true)
}

// --- taking away -------------------------------------------------------------------------------

function written(panel) {
  return panel.lanes.map((lane) => {
    const text = [...(lane.prefix ?? []), ...lane.tokens.slice(0, lane.shown).map(([t]) => t)].join(panel.data.between)
    return panel.lanes.length > 1 ? `# ${lane.title}\n${text}\n` : text
  }).join("\n")
}

async function copy(panel) {
  const text = written(panel)
  try {
    await navigator.clipboard.writeText(text)
  } catch {  // a page that does not come over https has no clipboard
    const area = document.createElement("textarea")
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand("copy")
    area.remove()
  }
  panel.copy.textContent = panel.data.labels.copied
  setTimeout(() => { panel.copy.textContent = panel.data.labels.copy }, 1500)
}

function save(panel) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([written(panel)], { type: "text/plain" }))
  link.download = panel.data.file
  link.click()
  URL.revokeObjectURL(link.href)
}

// --- life --------------------------------------------------------------------------------------

function goOn(panel) {
  panel.stopped = false
  for (const go of panel.waiting.splice(0)) go()
}

function mount(parentElement) {
  const root = parentElement.querySelector(".text-panel"), find = (query) => root.querySelector(query)
  const panel = { root, lanes: [], waiting: [], due: 0, stopped: false, stop: find(".stop"), all: find(".all"), copy: find(".copy"),
                  speed: find(".speed input"), side: find(".side") }
  panel.stop.onclick = () => { if (panel.stopped) goOn(panel); else panel.stopped = true; report(panel) }
  panel.all.onclick = () => { panel.pace = Infinity; goOn(panel); report(panel) }
  panel.speed.oninput = () => setPace(panel)
  find(".colours input").onchange = (event) => root.classList.toggle("plain", !event.target.checked)
  panel.copy.onclick = () => copy(panel)
  find(".save").onclick = () => save(panel)
  setPace(panel)
  return panel
}

function label(panel) {
  const { labels } = panel.data, write = (query, text) => { panel.root.querySelector(query).textContent = text }
  write(".all", labels.all)
  write(".speed span", labels.speed)
  write(".colours span", labels.colours)
  write(".copy", labels.copy)
  write(".save", labels.save)
  write(".hint", labels.hint)
  legend(panel.root.querySelector(".legend"), labels.legend)
  panel.root.setAttribute("aria-label", labels.panel)
  for (const one of [panel.stop, panel.all, panel.speed.parentElement]) one.style.display = panel.data.streams ? "" : "none"
}

// Takes a lane away, with what it still asks for.
function end(lane) {
  lane.abort.abort()
  lane.box.remove()
}

export default function (component) {
  const { data, parentElement } = component
  let panel = panels.get(parentElement)
  if (!panel) {
    panel = mount(parentElement)
    panels.set(parentElement, panel)
  }
  panel.gone = false
  panel.data = data
  label(panel)
  const id = (lane) => lane.url ?? JSON.stringify(lane.tokens)
  const same = panel.lanes.length === data.lanes.length && data.lanes.every((lane, i) => id(lane) === panel.ids[i])
  if (!same) {
    panel.lanes.forEach(end)
    panel.ids = data.lanes.map(id)
    panel.pinned = false
    panel.root.dataset.turn = Number(panel.root.dataset.turn ?? 0) + 1
    goOn(panel)
    panel.at = null
    panel.due = 0
    setPace(panel)
    panel.side.querySelector("h4").textContent = data.labels.hover
    panel.side.querySelector(".bars").replaceChildren()
    panel.lanes = data.lanes.map((lane) => laneOf(panel, lane))
    const box = panel.root.querySelector(".lanes")
    box.classList.toggle("several", panel.lanes.length > 1)
    box.replaceChildren(...panel.lanes.map((lane) => lane.box))
  }
  data.lanes.forEach((lane, i) => { panel.lanes[i].title = lane.title; name(panel.lanes[i]) })
  report(panel)
  clearTimeout(panel.timer)
  tick(panel)
  return () => {
    panel.gone = true
    clearTimeout(panel.timer)
    panel.lanes.forEach(end)
    panels.delete(parentElement)
  }
}
