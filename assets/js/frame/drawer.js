// On a phone the menu is a drawer over the page: after a choice of page or language, what was chosen is looked at.

const NARROW = "(max-width: 768px)"  // Streamlit's own
const COLLAPSE = "[data-testid=stSidebarCollapseButton] button"

export class Drawer {
  #place = null

  /** @param {string} place what the page shows; another one is a choice */
  update(place) {
    const isChoice = this.#place !== null && this.#place !== place
    this.#place = place
    if (isChoice && matchMedia(NARROW).matches) document.querySelector(COLLAPSE)?.click()
  }
}
