// The thread's event loop.

const { port1, port2 } = new MessageChannel()
const turns: (() => void)[] = []
port1.onmessage = () => turns.shift()?.()

/** Lets messages in. A timer would be held back: browsers make nested ones wait. */
export function takeTurn(): Promise<void> {
  return new Promise((resolve) => {
    turns.push(resolve)
    port2.postMessage(null)
  })
}
