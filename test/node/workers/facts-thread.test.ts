// The file of a database -> the facts of its report but the health of servers, read in a thread.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { AnsweringThread } from '../../../src/node/workers/answering-thread.ts'
import type { Report } from '../../../src/report/index.ts'
import { formatReport } from '../../../src/report/text.ts'
import { makeOffice } from '../../support/database.ts'
import { sourceFile } from '../../support/database-threads.ts'

test('a thread reads the facts of a report from a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-facts-'))
  try {
    const file = join(folder, 'traffic.sqlite')
    writeFileSync(file, (await makeOffice()).export())
    const report = await new AnsweringThread<Report>(sourceFile('facts-thread'), file).answer
    expect(formatReport(report)).toMatch(/^office\n/)
    expect(report.healthRows).toEqual([])
    // A thread that ends by itself may do so never, and the report with it.
    const thread = new Worker(sourceFile('facts-thread'), { workerData: file })
    await once(thread, 'message')
    await setTimeout(200)
    expect(thread.threadId).toBeGreaterThan(0)
    await thread.terminate()
    await expect(new AnsweringThread(sourceFile('facts-thread'), join(folder, 'none')).answer).rejects.toThrow('ENOENT')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
