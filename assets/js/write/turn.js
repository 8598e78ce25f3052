// Waits for a turn where the server has as many texts to write as it can.

const USUAL = 2  // seconds, where the server does not say
const MOST = 60

/**
 * Ask, and as long as the answer is “too many” (429) wait for as long as it says and ask again.
 * @param {() => Promise<Response>} ask
 * @param {object} options
 * @param {AbortSignal} options.signal ends the wait, which then throws
 * @param {(isWaiting: boolean) => void} options.waits told after every answer
 * @param {{setTimeout: Function, clearTimeout: Function}} [options.clock]
 * @param {() => number} [options.random] from 0 to 1: those who were sent away together do not come back together
 * @returns {Promise<Response>} the first other answer
 */
export async function inTurn(ask, { signal, waits, clock = globalThis, random = Math.random }) {
  for (;;) {
    const answer = await ask()
    const isWaiting = answer.status === 429
    waits(isWaiting)
    if (!isWaiting) return answer
    const told = Number(answer.headers.get("retry-after") ?? NaN)
    await pause(1000 * Math.min(told > 0 ? told : USUAL, MOST) * (1 + random() / 2), signal, clock)
  }
}

function pause(ms, signal, clock) {
  return new Promise((done, fail) => {
    signal.throwIfAborted()
    const timer = clock.setTimeout(() => {
      signal.removeEventListener("abort", end)
      done()
    }, ms)
    function end() {
      clock.clearTimeout(timer)
      fail(signal.reason)
    }
    signal.addEventListener("abort", end, { once: true })
  })
}
