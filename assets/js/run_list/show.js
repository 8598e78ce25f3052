// What a press has opened may lie above the screen.

/**
 * Bring the beginning of something into view, unless it is there already.
 * @param {Element | null} element null where it is not drawn
 */
export function showTop(element) {
  const top = element?.getBoundingClientRect().top
  if (element == null || (top >= 0 && top < globalThis.innerHeight / 2)) return
  const isCalm = globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches
  element.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" })
}
