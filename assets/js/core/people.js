// What people are called.

/**
 * What a run's owner is called: their name, else a number.
 * @param {{name: string, number: number | null} | null} owner null is whoever owns the machine
 * @param {{machine: string, guest: string, guest_n: string}} words `Words` in pages/shared/people.py
 * @returns {string}
 */
export function called(owner, words) {
  if (!owner) return words.machine
  return owner.name || (owner.number == null ? words.guest : words.guest_n.replace("{n}", owner.number))
}
