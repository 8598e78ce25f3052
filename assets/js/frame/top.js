// Another lesson is read from its beginning: its button stands at the foot of the one before.

const WAYS = ".st-key-lesson_ways :is(button, a)"
const MAIN = "[data-testid=stMain]"

/** @param {Event} event a press anywhere */
export function toTop(event) {
  if (event.target.closest?.(WAYS)) document.querySelector(MAIN)?.scrollTo({ top: 0, behavior: "instant" })
}
