// A large file -> its bytes in one buffer.
import { open } from 'node:fs/promises'

/** Reads at once: readFile() reads half a megabyte at a time and yields to the event loop in between, where the analysis keeps it waiting. */
export async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const buffer = Buffer.allocUnsafeSlow(size)
    let filled = 0
    while (filled < size) {
      const { bytesRead } = await file.read(buffer, filled, size - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  } finally {
    await file.close()
  }
}
