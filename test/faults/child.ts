// A process to be killed or waited for: `hold FOLDER` keeps the folder locked, `publish FOLDER` replaces its report again and again, each all of one number,
// `replace FOLDER` does so once.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OutputFolder } from '../../src/node/output/output-folder.ts'
import { APPLICATION_ID } from '../../src/store/schema.ts'

const [mode, path] = process.argv.slice(2) as [string, string]

/** As much of a database as tells whose it is. */
function database(text: string): Buffer {
  const bytes = Buffer.alloc(100 + text.length)
  bytes.writeUInt32BE(APPLICATION_ID, 68)
  bytes.write(text, 100)
  return bytes
}

if (mode === 'hold') {
  await OutputFolder.open(path, false, [])
  process.stdout.write('held\n')
  setInterval(() => {}, 1000)
} else {
  for (let number = 0; ; number++) {
    const folder = await OutputFolder.open(path, false, [])
    const text = `${process.pid} ${number}`
    await mkdir(join(folder.draft, 'assets/data'), { recursive: true })
    await writeFile(join(folder.draft, 'traffic.sqlite'), database(text))
    for (const name of ['index.html', 'report.html', 'report.md', 'assets/app.js', 'assets/data/manifest.js'])
      await writeFile(join(folder.draft, name), text)
    await folder.publish()
    await folder.close()
    if (number === 0) process.stdout.write('published\n')
    if (mode === 'replace') break
  }
}
