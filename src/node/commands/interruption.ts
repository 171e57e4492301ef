// Signals that end a running command: Ctrl-C, a service manager, a closed terminal.
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * After the first signal, reading or capturing ends, and a report is made from what was read.
 * @param onFirst @param isReloading if true, SIGHUP does not end the command while its terminal exists: other code reads its files again
 * @param onSecond called after a second SIGINT or SIGTERM. A closed terminal may send several signals, which count as one.
 */
export function watchSignals(onFirst: () => void, onSecond: () => void, isReloading = false): AbortSignal {
  const end = new AbortController()
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  let isTerminalGone = false
  const onSignal = (name: NodeJS.Signals) => {
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
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  if (isUnderNohup()) process.on('SIGHUP', () => {})
  else {
    process.on('SIGHUP', onSignal)
    // Node aborts when it cannot restore the settings of a terminal that is gone; it does not try for a closed descriptor (ResetStdio() in node.cc).
    process.once('exit', () => isTerminalGone && terminals.forEach(closeSync))
  }
  // After the terminal is closed, an error of a write to it must not end the program before the report is made.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  return end.signal
}

/**
 * nohup(1) makes programs ignore SIGHUP, but Node installs its own handlers when it starts. It can still be recognised: shells set the command
 * in "_", and nohup opens /dev/null as standard input for writing only.
 */
function isUnderNohup(): boolean {
  if (/(^|\/)nohup$/.test(process.env._ ?? '')) return true
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))![1]
    return (Number.parseInt(flags, 8) & (constants.O_WRONLY | constants.O_RDWR)) === constants.O_WRONLY
  } catch {
    return false // not Linux, or standard input is closed
  }
}

/** Whether the controlling terminal still exists: a closed one cannot be opened. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
