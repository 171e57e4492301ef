// What the program says -> standard error, its data -> standard output: whole or an error, and nothing in it moves a cursor or changes a colour.
import { CaptureError } from '../../errors.ts'
import { escapeJson, toPrintable } from '../../report/figures.ts'
import { isNoSpace } from '../output/write-errors.ts'

/** One line for the user. Names of files, values of options and texts from captures may be in it. */
export function say(message: string): void {
  process.stderr.write(`rtnvis: ${toPrintable(message)}\n`)
}

/** Whether bold text and cursor movements are welcome: on a terminal that has them (TERM), to a user who wants them (NO_COLOR). */
export function takesControls(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb' && !env.NO_COLOR
}

/** One JSON document on standard output. @throws CaptureError if it does not arrive */
export function printJson(value: unknown): Promise<void> {
  return print(`${escapeJson(JSON.stringify(value, null, 2))}\n`)
}

/** Data on standard output, printable already. @throws CaptureError if it does not arrive: a script must not take half of it for all */
export async function print(text: string): Promise<void> {
  const wasTerminal = process.stdout.isTTY === true
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    process.stdout.once('error', resolve)
    process.stdout.write(text, (failure) => {
      if (failure) return resolve(failure) // the event follows: its listener stays
      process.stdout.off('error', resolve)
      resolve(null)
    })
  })
  if (error === null || wasTerminal) return // where a terminal was closed there is nobody to miss it
  const { code } = error
  const reason = code === 'EPIPE' ? 'whoever reads it has closed it' : isNoSpace(error) ? 'no space left where it goes' : error.message
  throw new CaptureError(`standard output could not be written: ${reason}`)
}
