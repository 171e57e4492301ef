// Long work as a generator that stops often: at once where nobody waits for the thread, or in slices between which others have their turn.

/** Runs all steps without a pause. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** Runs the steps; whenever `sliceMs` have passed, what waits for the thread comes first. Undefined: given up meanwhile. */
export async function inSlices<Result>(
  steps: Generator<void, Result>,
  sliceMs: number,
  isGivenUp: () => boolean = () => false,
): Promise<Result | undefined> {
  let lookMs = performance.now()
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    if (performance.now() - lookMs < sliceMs) continue
    await nextTurn()
    lookMs = performance.now()
    if (!isGivenUp()) continue
    steps.return(undefined as never)
    return undefined
  }
}

const { port1, port2 } = new MessageChannel()
const turns: (() => void)[] = []

/** Resolves when the thread has done what was waiting. A timer would be held back: browsers make nested ones wait. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => turns.shift()?.()
    turns.push(resolve)
    port2.postMessage(null)
  })
}
