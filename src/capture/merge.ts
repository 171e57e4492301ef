// Several captures as one, by time, as mergecap does: of the next packets of all, the earliest goes first. Hot path.
import type { CaptureReader } from './index.ts'

/**
 * Calls onPacket(index of the reader) for every packet; the packet is in that reader's record.
 * @param onChunk called between chunks, before more is loaded; false ends the reading
 */
export async function merge(readers: CaptureReader[], onPacket: (index: number) => void, onChunk: () => boolean): Promise<void> {
  if (readers.length === 1) return readAll(readers[0], onPacket, onChunk)
  const waiting: number[] = []
  for (let i = 0; i < readers.length; i++) if (await advance(readers[i], onChunk)) waiting.push(i)
  while (waiting.length > 0) {
    let earliest = 0
    for (let i = 1; i < waiting.length; i++) {
      if (readers[waiting[i]].packet.timeUs < readers[waiting[earliest]].packet.timeUs) earliest = i
    }
    const index = waiting[earliest]
    onPacket(index)
    const reader = readers[index]
    if (!reader.next() && !(await advance(reader, onChunk))) waiting.splice(earliest, 1)
  }
}

async function readAll(reader: CaptureReader, onPacket: (index: number) => void, onChunk: () => boolean): Promise<void> {
  do drain(reader, onPacket)
  while (onChunk() && (await reader.fill()))
}

/** A function of its own, because one that awaits is never fully optimised. */
function drain(reader: CaptureReader, onPacket: (index: number) => void): void {
  while (reader.next()) onPacket(0)
}

/** Makes the reader's next packet ready; false when it has none. */
async function advance(reader: CaptureReader, onChunk: () => boolean): Promise<boolean> {
  while (!reader.next()) if (!onChunk() || !(await reader.fill())) return false
  return true
}
