import assert from "node:assert/strict"
import test from "node:test"

import { Drawer } from "../../assets/js/frame/drawer.js"
import { lookUp } from "../../assets/js/frame/words.js"

const say = lookUp({ Print: "打印", "{} per file": "每个文件 {}", "Made with Streamlit v{}": "由 Streamlit {} 驱动" })

test("a word of theirs is said in the page's language, with the space round it", () => {
  assert.equal(say("Print"), "打印")
  assert.equal(say(" Print\n"), " 打印\n")
})

test("what differs is kept where it stands", () => {
  assert.equal(say("20MB per file"), "每个文件 20MB")
  assert.equal(say("Made with Streamlit v1.67.0"), "由 Streamlit 1.67.0 驱动")
})

test("what a person wrote is left alone", () => {
  for (const text of ["Printing", "print", " per file", "", "$& per", "Print it"]) assert.equal(say(text), undefined)
})

test("a sign that means something to a replacement is only a sign", () => {
  assert.equal(say("$&$1 per file"), "每个文件 $&$1")
})

test("a phone's drawer closes after another page or language is chosen, and at nothing else", () => {
  const clicks = [], button = { click: () => clicks.push("closed") }
  let isNarrow = true
  globalThis.matchMedia = () => ({ matches: isNarrow })
  globalThis.document = { querySelector: () => button }
  const drawer = new Drawer()
  drawer.update("train en")
  drawer.update("train en")  // a setting was moved
  assert.deepEqual(clicks, [])
  drawer.update("basics en")
  drawer.update("basics zh-CN")
  assert.equal(clicks.length, 2)
  isNarrow = false
  drawer.update("train zh-CN")
  assert.equal(clicks.length, 2)
})
