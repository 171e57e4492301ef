// `rtnvis manual`: opens the manual next to the built page, and prints its path for systems without a browser.
import { siteFile } from '../paths.ts'
import { openInBrowser } from './open-in-browser.ts'
import { print } from './terminal.ts'

export async function runManual({ open }: { open: boolean }): Promise<void> {
  const file = siteFile('manual/getting-started.html')
  await print(`${file}\n`)
  if (open) openInBrowser(file)
}
