// How a running command is told to end: Ctrl-C, a service manager, a terminal that is closed.
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * The first signal ends the reading or capturing in order, and what was read becomes a report.
 * @param onFirst @param isReloading a hangup, as long as the terminal is there, is for others to hear: they read their files again
 * @param onSecond after a second Ctrl-C (or SIGTERM). A closed terminal says so more than once, and means to end in order each time.
 */
export function watchSignals(onFirst: () => void, onSecond: () => void, isReloading = false): AbortSignal {
  const end = new AbortController()
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  let isTerminalGone = false
  const hear = (name: NodeJS.Signals) => {
    if (name === 'SIGHUP') {
      if (isReloading && (terminals.length === 0 || hasTerminal())) return
      isTerminalGone = true
    }
    if (end.signal.aborted) {
      if (name !== 'SIGHUP') onSecond()
      return
    }
    end.abort()
    onFirst()
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
  if (isUnderNohup()) process.on('SIGHUP', () => {})
  else {
    process.on('SIGHUP', hear)
    // Node aborts when it cannot restore the settings of a terminal that is gone; one that is closed it leaves alone (ResetStdio() in node.cc).
    process.once('exit', () => isTerminalGone && terminals.forEach(closeSync))
  }
  // Where the terminal went there is nobody to write to: an error then would end the program before its report is there.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  return end.signal
}

/**
 * nohup(1) starts programs so that a closed terminal does not end them, but Node forgets at its start which signals it was told to ignore. What is left to be
 * seen: shells name the command in "_", and nohup takes the terminal away from standard input by opening /dev/null there for writing only.
 */
function isUnderNohup(): boolean {
  if (/(^|\/)nohup$/.test(process.env._ ?? '')) return true
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))![1]
    return (Number.parseInt(flags, 8) & (constants.O_WRONLY | constants.O_RDWR)) === constants.O_WRONLY
  } catch {
    return false // not Linux, or no standard input at all
  }
}

/** Whether the terminal that controls this process is still there: one that was closed cannot be opened again. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
