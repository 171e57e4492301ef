// The thread of readLake(): a place and a choice in; its rows out, packed and at most AHEAD messages before they are taken, then their digest. It ends when it is terminated, as every thread here (answering-thread.ts).
import { parentPort, workerData } from 'node:worker_threads'
import { ListPacker } from '../../capture/flow-records/flat-list.ts'
import { CaptureError, UsageError } from '../../errors.ts'
import { type FromLake, type LakeTask, STOP, type TAKEN } from '../lake/lake-feed.ts'
import { openLakeSource } from '../lake/lake-source.ts'

/** Of 100 to 200 kB each. */
const AHEAD = 16

const interrupt = new AbortController()
let ahead = 0
let resume = () => {}

parentPort!.on('message', (message: typeof TAKEN | typeof STOP) => {
  if (message === STOP) interrupt.abort()
  else ahead--
  resume()
})

try {
  post(await send(workerData as LakeTask))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof CaptureError)) throw error
  post({ problem: error.message, isUsage: error instanceof UsageError })
}

async function send({ place, choice }: LakeTask): Promise<FromLake> {
  const source = await openLakeSource(place, choice, interrupt.signal)
  const packer = new ListPacker()
  try {
    post({ file: source.file })
    for await (const lines of source.chunks) {
      // The first line tells what the others are.
      const rows = (source.bytesRead() === lines.length ? lines : packer.pack(lines)).slice()
      post({ rows, bytes: source.bytesRead() }, [rows.buffer])
      ahead++
      while (ahead >= AHEAD && !interrupt.signal.aborted)
        await new Promise<void>((wake) => {
          resume = wake
        })
    }
    const { sha256 } = await source.finish(false)
    return { sha256 }
  } finally {
    await source.close()
  }
}

function post(message: FromLake, moved: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, moved)
}
