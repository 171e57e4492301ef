// A seed -> a function that returns the same numbers in every run (a linear congruential generator: Numerical Recipes 7.1).

/** @returns random(below): a whole number from 0 to below - 1 */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
