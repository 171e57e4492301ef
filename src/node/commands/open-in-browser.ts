// --open: opens the page with the system's default program.
import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { say } from './terminal.ts'

const OPENERS: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

export function openInBrowser(file: string): void {
  const [command, ...first] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...first, pathToFileURL(file).href], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, RTNVIS_KEY: undefined },
  })
  child.on('error', () => say(`no program to open pages was found: open ${file} yourself`))
  child.unref()
}
