// Yields to the event loop of the thread.

const { port1, port2 } = new MessageChannel()
const turns: (() => void)[] = []
port1.onmessage = () => turns.shift()?.()

/** Lets messages be handled. A timer would wait longer: browsers delay nested timers. */
export function takeTurn(): Promise<void> {
  return new Promise((resolve) => {
    turns.push(resolve)
    port2.postMessage(null)
  })
}
