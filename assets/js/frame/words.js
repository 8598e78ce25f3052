// Somebody else's words in the page's language, without a browser.

/**
 * What a text is called in the page's language.
 * @param {Object<string, string>} words theirs → the page's; `{}` stands for what differs, a size or a number
 * @returns {(text: string) => string | undefined} undefined for a text that is not theirs
 */
export function lookUp(words) {
  const known = new Map(Object.entries(words).filter(([theirs]) => !theirs.includes("{}")))
  const patterns = Object.entries(words).filter(([theirs]) => theirs.includes("{}")).map(([theirs, ours]) => {
    const [before, after] = theirs.split("{}")
    return { before, after, ours }
  })
  return (text) => {
    const bare = text.trim()
    if (known.has(bare)) return text.replace(bare, () => known.get(bare))
    const found = patterns.find(({ before, after }) => (
      bare.length > before.length + after.length && bare.startsWith(before) && bare.endsWith(after)))
    if (!found) return undefined
    const middle = bare.slice(found.before.length, bare.length - found.after.length)
    return text.replace(bare, () => found.ours.replace("{}", () => middle))
  }
}
