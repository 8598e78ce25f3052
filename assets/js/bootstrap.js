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
  const lost = parent.querySelector(".lost")
  let panel
  try {
    panel = await import(address(place.component.data.module, attempt))
  } catch {
    if (place.isGone) return
    lost.textContent = place.component.data.lost
    lost.hidden = false
    place.timer = setTimeout(() => bring(place, parent, attempt + 1), AGAIN)
    return
  }
  if (place.isGone) return
  lost.hidden = true
  place.panel = panel.mount(parent)
  place.panel.update(place.component)
}

// Called again whenever the panel's data or the theme change; what it returns is called when the panel goes away.
export default function (component) {
  const parent = component.parentElement
  let place = places.get(parent)
  if (place) {
    place.component = component
    place.panel?.update(component)
  } else {
    place = { component, isGone: false, panel: null, timer: null }
    places.set(parent, place)
    bring(place, parent)
  }
  return () => {
    place.isGone = true
    clearTimeout(place.timer)
    place.panel?.unmount()
    places.delete(parent)
  }
}
