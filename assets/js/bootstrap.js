// The script of every panel's component. Streamlit runs it from a blob, from which nothing can be imported by a
// relative address: it finds the server, fetches the panel's module and hands the component over to it.
// The module gives mount(parent) → { update(component), unmount() }.

const AGAIN = 3000  // ms until a module that could not be fetched is asked for again
const places = new WeakMap()

// Where the server's paths begin, seen from the browser: below a base path, behind a proxy that strips one, or at
// the root, Streamlit's own script lies at static/js/ below it.
function server() {
  return new URL("../../", document.querySelector('script[src*="static/js/"]').src)
}

// A browser may remember that a module could not be had, and all that it imports: another version's name, which the
// server takes for the same one, is asked for anew.
function address(path, attempt) {
  const [, js, version, ...rest] = path.split("/")
  return new URL([js, attempt ? `${version}-${attempt}` : version, ...rest].join("/"), server()).href
}

async function bring(place, parent, attempt = 0) {
  const lost = parent.querySelector(".lost"), { module } = place
  const isOutdated = () => place.isGone || place.module !== module
  let panel
  try {
    panel = await import(address(module, attempt))
  } catch {
    if (isOutdated()) return
    lost.textContent = place.component.data.lost
    lost.hidden = false
    place.timer = setTimeout(() => bring(place, parent, attempt + 1), AGAIN)
    return
  }
  if (isOutdated()) return
  lost.hidden = true
  place.panel = panel.mount(parent)
  place.panel.update(place.component)
}

// Called again whenever the panel's data or the theme change. What it returns ends the panel, unless it has been
// called once more since: Streamlit may end a call that another one has overtaken.
export default function (component) {
  const parent = component.parentElement, { module } = component.data
  const place = places.get(parent) ?? { isGone: false, module: null, panel: null, timer: null, turn: 0 }
  const turn = ++place.turn
  places.set(parent, place)
  place.component = component
  if (place.module === module) place.panel?.update(component)
  else {  // the first one, or the server has another version
    end(place)
    place.module = module
    bring(place, parent)
  }
  return () => {
    if (turn !== place.turn) return
    place.isGone = true
    end(place)
    places.delete(parent)
  }
}

function end(place) {
  clearTimeout(place.timer)
  place.panel?.unmount()
  place.panel = null
}
