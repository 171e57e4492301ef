// `rtnvis manual`: opens the manual next to the built page, and prints its path for systems without a browser.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CaptureError } from '../../errors.ts'
import { openInBrowser } from './open-in-browser.ts'
import { print } from './terminal.ts'

export async function runManual({ open }: { open: boolean }): Promise<void> {
  const file = fileURLToPath(new URL('../site/manual/getting-started.html', import.meta.url))
  if (!existsSync(file)) throw new CaptureError(`${file} does not exist: npm run build creates it`)
  await print(`${file}\n`)
  if (open) openInBrowser(file)
}
