// A worker of its own for a worker.

/** @param text of its script @returns null: this browser lets a worker have none */
export function startWorker(text: string): Worker | null {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  try {
    return new Worker(address)
  } catch {
    return null
  } finally {
    URL.revokeObjectURL(address)
  }
}
