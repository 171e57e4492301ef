// `npm run pictures [NAME...]`: makes the film of the README and the pictures of the manual anew, from reports of the demo and of the gallery.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureSite, fileAddress, launchChromium } from '../support/browser.ts'
import { SCENES } from './gallery.ts'
import { film, shootView, VIEWS } from './views.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const wanted = process.argv.slice(2)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)

async function main(): Promise<void> {
  await ensureSite()
  const folder = await mkdtemp(join(tmpdir(), 'rtnvis-pictures-'))
  const demo = join(folder, 'demo')
  const options = ['analyze', 'fixtures/demo/input.pcapng', '--name', 'demo', '-o', demo, '-q']
  spawnSync(process.execPath, ['dist/node/cli.js', ...options], { cwd: ROOT, stdio: 'inherit' })
  const [globe, flat] = await Promise.all([launchChromium({ webGl: true }), launchChromium({ webGl: false })])
  const save = async (file: string, bytes: Buffer) => {
    await writeFile(join(ROOT, file), bytes)
    console.log(`${file}: ${Math.ceil(bytes.length / 1000)} kB`)
  }
  try {
    const address = fileAddress(demo)
    if (isWanted('film')) await save('.github/demo.webp', await film(globe, address))
    for (const [name, view] of Object.entries(VIEWS))
      if (isWanted(name)) await save(`site/public/manual/${name}.webp`, await shootView(view.needsWebGl ? globe : flat, address, view))
    for (const [name, capture] of Object.entries(SCENES)) {
      if (!isWanted(`gallery-${name}`)) continue
      const file = join(folder, `${name}.pcap`)
      const out = join(folder, name)
      await writeFile(file, capture())
      spawnSync(process.execPath, ['dist/node/cli.js', 'analyze', file, '--name', name, '-o', out, '-q'], { cwd: ROOT, stdio: 'inherit' })
      const opening = { hash: '', needsWebGl: true }
      await save(`site/public/manual/gallery-${name}.webp`, await shootView(globe, fileAddress(out), opening))
    }
  } finally {
    await Promise.all([globe.close(), flat.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
