// The clipping threshold θ as an instrument: a line that is moved by hand, a switch and a field, and
// a mark on every chart where it was moved. Put in front of the live panel's script.

const MOVE_WAIT = 4000   // ms until a move that no poll has confirmed is told again
const MOVE_REST = 400    // ms without another arrow key until a move is told
const MOST_THETA = 1e6   // as the setting's range has it
const MOVE_KEYS = { ArrowUp: 1.1, ArrowDown: 1 / 1.1, PageUp: 2, PageDown: 1 / 2 }

// θ as it is shown: under a hand, told but not yet confirmed, or as the run has it. null is off.
function theta(panel) {
  if (panel.held != null) return panel.held
  return panel.moved ? panel.moved.limit : panel.limit
}

function moveTheta(panel, limit) {
  panel.held = null
  if (limit == null || (limit > 0 && limit <= MOST_THETA)) panel.moved = { limit, until: Date.now() + MOVE_WAIT, left: 3 }
  else panel.root.querySelector(".clip-at").blur()  // the page says what is wrong; the field goes back
  tellTheta(panel, limit)
  placeTheta(panel)
}

function tellTheta(panel, limit) {
  panel.setTriggerValue("theta", { run: panel.data.run, limit: limit == null ? "off" : String(limit), at: Date.now() })
}

function axisOf(panel) {
  return panel.charts.norm._fullLayout?.yaxis
}

// Puts handle, switch and field where θ stands.
function placeTheta(panel) {
  const handle = panel.root.querySelector(".theta"), axis = axisOf(panel), now = theta(panel)
  const place = now == null || !axis ? NaN : axis.d2p(now)
  handle.hidden = !(place >= -1 && place <= axis?._length + 1)  // off, or out of what a zoom shows
  if (!handle.hidden) {
    handle.style.top = `${axis._offset + place}px`
    handle.style.left = `${panel.charts.norm._fullLayout.xaxis._offset}px`
    handle.querySelector("b").textContent = `θ = ${number(now)}`
    handle.setAttribute("aria-valuenow", now)
    handle.setAttribute("aria-valuetext", number(now))
  }
  const box = panel.root.querySelector(".clip-on"), field = panel.root.querySelector(".clip-at")
  box.checked = now != null
  if (document.activeElement !== field) field.value = now == null ? "" : Number(now.toPrecision(6))
  field.disabled = box.disabled || now == null
}

function showClipping(panel, status, figures) {
  const { labels } = panel.data, active = status === "running" || status === "paused", { clipped } = figures
  panel.limit = figures.limit
  if (panel.limit != null) panel.lastLimit = panel.limit
  if (panel.moved?.limit === panel.limit) panel.moved = null
  if (panel.moved && Date.now() > panel.moved.until) {
    if (active && panel.moved.left-- > 0) {  // the page was busy, and the news got lost on the way
      panel.moved.until = Date.now() + MOVE_WAIT
      tellTheta(panel, panel.moved.limit)
    } else panel.moved = null
  }
  panel.root.querySelector(".clip").dataset.live = active
  panel.root.querySelector(".clip-on").disabled = !active
  const handle = panel.root.querySelector(".theta")
  handle.tabIndex = active ? 0 : -1
  handle.setAttribute("aria-disabled", !active)
  handle.title = active ? labels.move : ""
  let words = panel.limit == null ? labels.unclipped : labels.none_clipped
  if (clipped?.share) {
    words = labels.clipped.replace("{share}", `${Math.max(1, Math.round(100 * clipped.share))} %`)
      .replace("{scale}", number(clipped.scale))
  } else if (!clipped) words = ""
  panel.root.querySelector(".clipped").textContent = words
  placeTheta(panel)
}

// θ over the epochs: level, and straight up or down where it was moved; empty while clipping is off.
function thetaCurve(panel, epoch) {
  const x = [0], y = [panel.data.first_limit]
  for (const { epoch: at, limit } of panel.thresholds) {
    x.push(at, at)
    y.push(y.at(-1), limit)
  }
  x.push(epoch)
  y.push(y.at(-1))
  return { x, y }
}

function moveMarks(panel, end) {
  const crowded = (i) => panel.thresholds[i + 1]?.epoch - panel.thresholds[i].epoch < panel.epoch / 8
  return panel.thresholds.map(({ epoch, limit }, i) => ({
    type: "line", yref: "paper", x0: epoch, x1: epoch, y0: 0, y1: 1, line: { width: 1, dash: "dashdot" },
    label: { text: crowded(i) ? "" : limit == null ? panel.data.labels.theta_off : `θ → ${number(limit)}`, textangle: 0, padding: 4,
             textposition: end, xanchor: epoch > panel.epoch / 8 ? "right" : "left",
             yanchor: end === "end" ? "top" : "bottom" } }))
}

// Listeners, once a panel.
function makeThetaMovable(panel) {
  const handle = panel.root.querySelector(".theta"), box = panel.root.querySelector(".clip-on")
  const field = panel.root.querySelector(".clip-at"), live = () => !box.disabled
  handle.onpointerdown = (event) => {
    if (!live()) return
    event.preventDefault()
    handle.focus()
    handle.setPointerCapture(event.pointerId)
    panel.held = theta(panel)
  }
  handle.onpointermove = (event) => {
    if (panel.held == null || !handle.hasPointerCapture(event.pointerId)) return
    const axis = axisOf(panel), top = panel.charts.norm.getBoundingClientRect().top + axis._offset
    const place = Math.min(Math.max(event.clientY - top, 0), axis._length)
    panel.held = Number(axis.p2d(place).toPrecision(3))
    placeTheta(panel)
  }
  handle.onpointerup = () => { if (panel.held != null) moveTheta(panel, panel.held) }
  handle.onpointercancel = () => { panel.held = null; placeTheta(panel) }
  handle.onkeydown = (event) => {
    const factor = MOVE_KEYS[event.key]
    if (!factor || !live()) return
    event.preventDefault()
    panel.held = Number((theta(panel) * factor).toPrecision(3))
    placeTheta(panel)
    clearTimeout(panel.keyed)
    panel.keyed = setTimeout(() => { if (panel.held != null) moveTheta(panel, panel.held) }, MOVE_REST)
  }
  box.onchange = () => moveTheta(panel, box.checked ? panel.lastLimit ?? 1 : null)
  field.onchange = () => {
    if (field.value === "") placeTheta(panel)
    else moveTheta(panel, Number(field.value))
  }
}
