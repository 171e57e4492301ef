// `npm run pictures [NAME...]`: makes the film of the README and the pictures of the manual anew, from the demo's report.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureSite, fileAddress, launchChromium } from '../support/browser.ts'
import { film, shootView, VIEWS } from './views.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const wanted = process.argv.slice(2)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)

async function main(): Promise<void> {
  await ensureSite()
  const folder = await mkdtemp(join(tmpdir(), 'rtnvis-pictures-'))
  const options = ['analyze', 'fixtures/demo/input.pcapng', '--name', 'demo', '-o', folder, '-q']
  spawnSync(process.execPath, ['dist/node/cli.js', ...options], { cwd: ROOT, stdio: 'inherit' })
  const [globe, flat] = await Promise.all([launchChromium({ webGl: true }), launchChromium({ webGl: false })])
  const save = async (file: string, bytes: Buffer) => {
    await writeFile(join(ROOT, file), bytes)
    console.log(`${file}: ${Math.ceil(bytes.length / 1000)} kB`)
  }
  try {
    const address = fileAddress(folder)
    if (isWanted('film')) await save('.github/demo.webp', await film(globe, address))
    for (const [name, view] of Object.entries(VIEWS))
      if (isWanted(name)) await save(`site/public/manual/${name}.webp`, await shootView(view.needsWebGl ? globe : flat, address, view))
  } finally {
    await Promise.all([globe.close(), flat.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
