// A span of time in a lake or a database -> a source of an analysis, whose rows a thread asks for and packs.
import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { CaptureError, UsageError } from '../../errors.ts'
import type { CaptureSource } from '../../types.ts'
import { scriptFile } from '../paths.ts'
import type { LakeChoice } from './lake-source.ts'

export interface LakeTask {
  place: string
  choice: LakeChoice
}

/** The first names the source, the last has digest or problem: then the thread has closed its store. Bytes are those of the lines so far, of which the digest is, too. */
export type FromLake =
  | { file: string }
  | { rows: Uint8Array; bytes: number }
  | { sha256: string | null }
  | { problem: string; isUsage: boolean }

/** Messages to the thread. */
export const TAKEN = 'taken'
export const STOP = 'stop'

/** @param interrupt the source then ends with an error @param onRead called after the last row @throws UsageError, CaptureError: one line for the user */
export async function readLake(place: string, choice: LakeChoice, interrupt: AbortSignal, onRead: () => void): Promise<CaptureSource> {
  const worker = new Worker(scriptFile('lake-thread'), { workerData: { place, choice } satisfies LakeTask })
  const messages = on(worker, 'message')
  const stop = () => worker.postMessage(STOP)
  interrupt.addEventListener('abort', stop)
  let isOver = false
  const next = async (): Promise<FromLake> => {
    const [message] = await messages.next().then(
      ({ value }) => value as [FromLake],
      (error) => {
        isOver = true
        throw error
      },
    )
    isOver = 'sha256' in message || 'problem' in message
    if ('problem' in message) throw new (message.isUsage ? UsageError : CaptureError)(message.problem)
    return message
  }
  const close = async (): Promise<void> => {
    if (!isOver) stop()
    while (!isOver) await next().catch(() => {})
    await worker.terminate()
    interrupt.removeEventListener('abort', stop)
  }
  let bytes = 0
  let sha256: string | null = null

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let message = await next()
    for (; 'rows' in message; message = await next()) {
      bytes = message.bytes
      yield message.rows
      worker.postMessage(TAKEN)
    }
    if ('sha256' in message) sha256 = message.sha256
    onRead()
  }

  const opened = (await next().catch(async (error) => {
    await close()
    throw error
  })) as { file: string }
  return {
    ...opened,
    totalBytes: null,
    compression: '',
    chunks: chunks(),
    bytesRead: () => bytes,
    finish: async () => ({ sha256, problem: '' }),
    close,
  }
}
