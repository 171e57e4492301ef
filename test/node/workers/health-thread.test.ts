// The file of a database -> the health of its servers, read in a thread.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AnsweringThread } from '../../../src/node/workers/answering-thread.ts'
import type { HealthRow } from '../../../src/store/read-hosts.ts'
import { TCP_COLUMNS } from '../../../src/store/tcp-columns.ts'
import { makeDatabase } from '../../support/database.ts'
import { sourceFile } from '../../support/database-threads.ts'

test('servers with repeated segments, from a file', async () => {
  const none = Object.fromEntries(TCP_COLUMNS.filter(({ sql }) => sql === 'INTEGER NOT NULL').map(({ name }) => [name, 0]))
  const database = await makeDatabase(
    {
      hosts: [1, 2, 3].map((id) => ({ id, ip: `10.0.0.${id}`, scope: 'private', name: null })),
      flows: [2, 3, 3].map((server_host_id) => ({ client_host_id: 1, server_host_id })),
      tcp: [
        { ...none, flow_id: 1, response_us: 900 },
        { ...none, flow_id: 2, server_segments: 7, server_retransmissions: 2 },
        { ...none, flow_id: 3, client_segments: 1 },
      ],
    },
    {},
  )
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-health-'))
  try {
    const file = join(folder, 'traffic.sqlite')
    writeFileSync(file, database.export())
    const rows = await new AnsweringThread<HealthRow[]>(sourceFile('health-thread'), file).answer
    expect(
      rows.map(({ server, conversations, segments, repeated, responseUs }) => [server, conversations, segments, repeated, responseUs]),
    ).toEqual([
      ['10.0.0.3', 2, 8, 2, null],
      ['10.0.0.2', 1, 0, 0, 900],
    ])
    await expect(new AnsweringThread(sourceFile('health-thread'), join(folder, 'none')).answer).rejects.toThrow('ENOENT')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
