// A choice of conversations and the files of the captures -> a file with their packets, made in a worker of its own so that the page goes on.
import type { PacketsSaved } from '../../../src/browser/packets.ts'
import type { SliceFacts } from '../../../src/slice/facts.ts'
import type { Choice } from '../../../src/slice/select.ts'
import { WorkerHost } from '../protocol/worker-host.ts'

export interface PacketsFile {
  file: Blob
  /** "12 packets (3.4 kB) of 2 conversations". */
  summary: string
}

/** @throws Error with one sentence: nothing was written; `signal.reason` when it was cancelled */
export function savePackets(
  request: { facts: SliceFacts; choice: Choice; files: File[]; areOriginal: boolean },
  signal: AbortSignal,
): Promise<PacketsFile> {
  const host = new WorkerHost()
  return new Promise<PacketsFile>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    host.onerror = reject
    host.onmessage = (message) => {
      const answer = message as PacketsSaved
      if (answer.type === 'packets') resolve(answer)
      else reject(new Error(answer.message))
    }
    host.postMessage({ type: 'save-packets', ...request })
  }).finally(() => host.terminate())
}
