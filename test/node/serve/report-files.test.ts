// Files of a served report: open as long as somebody reads them, and closed then.
import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ReportFiles } from '../../../src/node/serve/report-files.ts'

const BYTES = 1_000_000
const content = Buffer.from(Array.from({ length: BYTES }, (_, i) => (i * 31) >> 3))
let folder: string
let path: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-files-'))
  path = join(folder, 'traffic.sqlite')
  writeFileSync(path, content)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How often this process has the file open. */
function timesOpen(): number {
  const linkOf = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  }
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path).length
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test.skipIf(process.platform !== 'linux')(
  'a download that is read to its end, or given up, leaves nothing open and takes the file from nobody',
  async () => {
    const files = new ReportFiles()
    const file = await files.open('', path)
    expect((await collect(file.stream(0, BYTES - 1))).equals(content)).toBe(true)
    expect(await collect(file.stream(300_000, 300_004))).toEqual(content.subarray(300_000, 300_005))
    const reader = file.stream(0, BYTES - 1).getReader()
    await reader.read()
    await reader.cancel()
    const unread = file.stream(0, BYTES - 1)
    await unread.cancel()
    const early = file.stream(0, BYTES - 1).getReader()
    const pending = early.read()
    await early.cancel()
    await pending
    expect(content.equals(await file.read(0, BYTES))).toBe(true)
    file.release()
    expect(timesOpen()).toBe(1)
    files.close()
    await expect.poll(timesOpen).toBe(0)
  },
)

test('a file that is cut while it is sent is an error, not a shorter file', async () => {
  const other = join(folder, 'other.sqlite')
  writeFileSync(other, content)
  const files = new ReportFiles()
  const file = await files.open('', other)
  truncateSync(other, 400_000)
  await expect(collect(file.stream(0, BYTES - 1))).rejects.toThrow('cut at byte 400000')
  file.release()
  files.close()
})
