// Messages -> standard error, data -> standard output: either all is written or an error is thrown; control characters are made printable.
import { CaptureError } from '../../errors.ts'
import { escapeJson, toPrintable } from '../../report/figures.ts'
import { isNoSpace } from '../output/write-errors.ts'

/** Prints one line for the user, which may have file names, option values and texts from captures. */
export function say(message: string): void {
  process.stderr.write(`rtnvis: ${toPrintable(message)}\n`)
}

/** Whether to use bold text and cursor movements: only on a terminal that supports them (TERM), unless the user forbids it (NO_COLOR). */
export function takesControls(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb' && !env.NO_COLOR
}

/** Prints one JSON document on standard output. @throws CaptureError if it cannot be written completely */
export function printJson(value: unknown): Promise<void> {
  return print(`${escapeJson(JSON.stringify(value, null, 2))}\n`)
}

/** Prints printable data on standard output. @throws CaptureError if it cannot be written completely, so that no script uses a part of it */
export async function print(text: string): Promise<void> {
  const wasTerminal = process.stdout.isTTY === true
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    process.stdout.once('error', resolve)
    process.stdout.write(text, (failure) => {
      if (failure) return resolve(failure) // an error event follows; the listener must stay for it
      process.stdout.off('error', resolve)
      resolve(null)
    })
  })
  if (error === null || wasTerminal) return // a closed terminal has no reader
  const { code } = error
  const reason = code === 'EPIPE' ? 'the reading program has closed it' : isNoSpace(error) ? 'no space left on its disk' : error.message
  throw new CaptureError(`standard output could not be written: ${reason}`)
}
