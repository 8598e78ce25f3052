// A run's history as the server answers it; its fields are those of `RunHistory` in playground/web/history.py, and
// tests/js/history_example.json holds both sides to them.

import { at } from "./server.js"

/**
 * @typedef {object} Metrics
 * @property {number} step
 * @property {number} epoch
 * @property {number | null} epochs null trains until it is stopped
 * @property {number} seconds
 * @property {number | null} seconds_left until its end, with the turns of others
 * @property {number | null} step_loss nats a token
 * @property {number | null} train_loss of the last epoch, nats a token
 * @property {number | null} heldout_loss nats a token
 * @property {number | null} tokens_per_second
 * @property {string | null} device
 * @property {string | null} device_name
 * @property {number | null} threads
 * @property {number | null} queue_position from 1
 * @property {number} people_beside others who share the machine with it
 * @property {number} runs_beside other runs that take turns with it, one's own among them
 * @property {number | null} turn_seconds until its next turn; 0 while it trains
 * @property {boolean} is_held it waits until a teacher lets all runs go on
 * @property {number | null} vocab_size
 * @property {number | null} limit θ as it stands; null is off
 * @property {{steps: number, share: number, scale: number | null} | null} clipped what θ did to the last epoch's steps
 * @property {boolean} exploded
 * @property {number} busy_seconds for how long another program has locked the database; 0 usually
 * @property {number | null} train_unknown share of `<unk>` among the training tokens
 * @property {number | null} heldout_unknown
 * @property {number | null} train_bits a character
 * @property {number | null} heldout_bits
 */

/**
 * @typedef {object} History
 * @property {string} status
 * @property {number} revision another one: the run was taken back to a checkpoint
 * @property {number} cursor where the next answer begins
 * @property {Metrics} metrics
 * @property {{epoch: number, limit: number | null}[]} thresholds every move of θ
 * @property {{epoch: number[], loss: (number | null)[], norm: (number | null)[]}} steps
 * @property {{epoch: number[], train: (number | null)[], heldout: (number | null)[]}} epochs
 * @property {{epoch: number, prefix: string, text: string}[]} samples
 */

/** The server answers, and cannot read: another program has locked its database. */
export class Locked extends Error {}

/**
 * What is new in a run's history.
 * @param {string} path of the run's history
 * @param {number} after a cursor; 0 is the whole
 * @param {AbortSignal} signal
 * @returns {Promise<History | null>} null where there is no such run
 */
export async function askHistory(path, after, signal) {
  const answer = await fetch(`${at(path)}?after=${after}`, { signal })
  if (answer.status === 404) return null
  if (answer.status === 503 && (await answer.json().catch(() => ({}))).error) throw new Locked()
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}
