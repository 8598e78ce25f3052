// A run's metrics, in words and numbers.

import { exact, fixed, number, percent, perplexityText } from "../core/format.js"

/**
 * A time as people say it.
 * @param {number} seconds
 * @param {{second: string, minute: string, hour: string}} labels
 */
export function duration(seconds, labels) {
  const s = Math.round(seconds)
  if (s < 60) return `${s} ${labels.second}`
  if (s < 3600) return `${Math.floor(s / 60)} ${labels.minute} ${s % 60} ${labels.second}`
  return `${Math.floor(s / 3600)} ${labels.hour} ${Math.floor((s % 3600) / 60)} ${labels.minute}`
}

// Seconds that another program may lock the database without a word.
const MOST_BUSY = 2

/**
 * A time that nobody knows exactly.
 * @param {number} seconds
 * @param {object} labels
 */
export function about(seconds, labels) {
  const unit = seconds < 10 ? 1 : 5, minutes = Math.round(seconds / 60)
  if (seconds < 57.5) return duration(Math.max(1, Math.round(seconds / unit) * unit), labels)
  return minutes < 60 ? `${minutes} ${labels.minute}` : duration(60 * minutes, labels)
}

/**
 * With whom a run takes turns, and when its next one is; its place while it has had none. While a teacher has paused
 * all runs, nothing of that is to be told of one that waits.
 * @param {string} status
 * @param {import("../core/history.js").Metrics} metrics
 * @param {object} labels
 */
export function turnText(status, { queue_position, people_beside, runs_beside, turn_seconds, is_held }, labels) {
  if (is_held) return labels.held
  const waits = queue_position != null, told = []
  if (status === "queued" && waits) told.push(labels.waiting.replace("{n}", queue_position))
  else if (!waits || !runs_beside) told.push(labels.status[status])
  if (status === "running" && runs_beside) {
    const { people, person, runs, run } = labels.turns
    const words = people_beside > 1 ? people : people_beside ? person : runs_beside > 1 ? runs : run
    told.push(words.replace("{n}", people_beside || runs_beside))
  }
  if (waits && turn_seconds != null) told.push(labels.turns.next.replace("{time}", about(turn_seconds, labels)))
  return told.join(" · ")
}

/**
 * A run's status, with its place in the queue, its turns and its time, or why its curve stands still.
 * @param {import("../core/history.js").History} history
 * @param {object} labels
 */
export function statusText({ status, metrics }, labels) {
  const { runs_beside, seconds, seconds_left, busy_seconds, is_held } = metrics
  const words = turnText(status, metrics, labels)
  if (busy_seconds >= MOST_BUSY) return `${words} · ${labels.busy.replace("{time}", duration(busy_seconds, labels))}`
  if (seconds_left != null) {
    const time = runs_beside ? about(seconds_left, labels) : duration(seconds_left, labels)
    return `${words} · ${labels.left.replace("{time}", time)}`
  }
  return seconds > 0 && !runs_beside && !is_held ? `${words} · ${duration(seconds, labels)}` : words
}

/**
 * What stands in the panel's head, by the name of its place.
 * @param {import("../core/history.js").History} history
 * @param {object} labels
 * @returns {Object<string, string>}
 */
export function metricTexts(history, labels) {
  const f = history.metrics
  return {
    status: statusText(history, labels),
    train: perplexityText(f.train_loss ?? f.step_loss),
    heldout: perplexityText(f.heldout_loss),
    train_beside: beside(f.train_bits, f.train_unknown, labels),
    heldout_beside: beside(f.heldout_bits, f.heldout_unknown, labels),
    loss: number(f.train_loss ?? f.step_loss, 4),  // of the same tokens as the perplexity beside it
    speed: exact(f.tokens_per_second == null ? null : Math.round(f.tokens_per_second)),
    epoch: f.epochs == null ? fixed(f.epoch, 1) : `${Math.floor(f.epoch + 1e-9)} / ${f.epochs}`,
    device: f.device == null ? "–" : f.device.toUpperCase(),
  }
}

// What a perplexity has to be read beside: bits a character, which compare words and characters, and what is hidden.
function beside(bits, unknown, labels) {
  const told = bits == null ? [] : [labels.bits.replace("{n}", fixed(bits, 2))]
  if (unknown) told.push(`<unk> ${percent(unknown)}`)
  return told.join(" · ")
}

/**
 * What the perplexity means, and why the held-out figure is none, or the lower one.
 * @param {import("../core/history.js").Metrics} metrics
 * @param {boolean} hasHeldout whether some of the text was kept apart
 * @param {{torn: string, gap: string, nothing_held: string, below: string}} labels
 */
export function whyText({ train_loss: train, step_loss: step, heldout_loss: heldout }, hasHeldout, labels) {
  const told = [], own = perplexityText(train ?? step), other = perplexityText(heldout)
  if (Number.isFinite(train ?? step) && !own.includes("10")) told.push(labels.torn.replaceAll("{n}", own))
  if (!hasHeldout) told.push(labels.nothing_held)
  else if (train != null && heldout != null && heldout < train && own !== other) told.push(labels.below)
  return told.join(labels.gap)
}

/**
 * Write a run's metrics into the panel.
 * @param {Element} root
 * @param {import("../core/history.js").History} history
 * @param {object} labels
 * @param {boolean} hasHeldout whether some of the text was kept apart
 */
export function showMetrics(root, history, labels, hasHeldout) {
  const why = root.querySelector(".why")
  why.textContent = whyText(history.metrics, hasHeldout, labels)
  why.hidden = !why.textContent
  const { epoch, epochs, device, device_name, threads } = history.metrics
  for (const [name, text] of Object.entries(metricTexts(history, labels))) {
    root.querySelector(`[data-figure=${name}]`).textContent = text
  }
  root.querySelector("[data-figure=device]").title =
    device == null ? "" : `${device_name} · ${labels.threads.replace("{n}", threads)}`
  for (const small of root.querySelectorAll(".figures small")) small.title = labels.beside
  const bar = root.querySelector("progress")
  bar.hidden = epochs == null
  bar.max = epochs ?? 1
  bar.value = epoch
  root.dataset.status = history.status
}
