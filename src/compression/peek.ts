// An async iteration -> its first bytes, and an iteration that starts again at the beginning.

/**
 * @param bytes number of bytes wanted, from as many chunks as necessary
 * @returns fewer bytes only if the iteration has no more
 */
export async function peek(
  chunks: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> & AsyncIterator<Uint8Array> }> {
  const rest = chunks[Symbol.asyncIterator]()
  let step = await rest.next()
  let head: Uint8Array = step.done ? new Uint8Array(0) : step.value
  while (head.length < bytes && !step.done) {
    const before = head.slice()
    step = await rest.next()
    if (step.done) head = before
    else {
      head = new Uint8Array(before.length + step.value.length)
      head.set(before)
      head.set(step.value, before.length)
    }
  }
  let isFirst = head.length > 0
  const whole = {
    [Symbol.asyncIterator]: () => whole,
    next: async (): Promise<IteratorResult<Uint8Array>> => {
      if (!isFirst) return rest.next()
      isFirst = false
      return { done: false, value: head }
    },
    return: async (): Promise<IteratorResult<Uint8Array>> => (await rest.return?.()) ?? { done: true, value: undefined },
  }
  return { head, whole }
}
