// Long work as a generator that yields often: run at once, or in slices so that other work of the thread can run between them.

/** Runs all steps without a pause. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** Runs the steps; after each `sliceMs`, other tasks of the thread run first. Undefined when cancelled. */
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

/** Resolves after the tasks that were waiting. Not setTimeout: browsers delay nested timers by 4 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => turns.shift()?.()
    turns.push(resolve)
    port2.postMessage(null)
  })
}
