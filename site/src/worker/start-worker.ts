// The worker: made from the text of a function, because a page from file:// may load no worker from a file.
import type { FromConsole, ToConsole } from './console.ts'
import type { FromWorker, ToWorker } from './messages.ts'

declare global {
  /** worker.js: report.worker.ts as a function of the scope it speaks through. */
  var rtnvisWorker: (scope: unknown) => void
}

/** The part of a Worker that is used. */
export interface Host {
  onmessage: ((event: MessageEvent<FromWorker & FromConsole>) => void) | null
  onerror: (() => void) | null
  postMessage(message: ToWorker | ToConsole, transfer?: Transferable[]): void
  terminate(): void
}

let address: string | undefined

export function startWorker(): Host {
  address ??= URL.createObjectURL(new Blob([`(${rtnvisWorker})(self)`], { type: 'text/javascript' }))
  return new Worker(address) as Host
}
