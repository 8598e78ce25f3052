// A text taken away: onto the clipboard, or as a file.

/** @param {string} text */
export async function copy(text) {
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
}

/**
 * @param {string} text
 * @param {string} file what it is called
 */
export function save(text, file) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }))
  link.download = file
  link.click()
  URL.revokeObjectURL(link.href)
}
