// Commands to industrial controllers: of the masters that are known, of a new machine, from outside; the functions are those that tshark names.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newMaster, outsideMaster, type Protocol } from '../attacks/controllers.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { findingsOf } from '../evaluate/findings.ts'

function capture(act: (world: World) => void): Uint8Array {
  const world = new World({ seed: 5, seconds: 900, loss: 0, isBehindNat: false })
  act(world)
  return written(world.sorted())
}

it.each<[Protocol, string, string]>([
  ['modbus', 'Write Single Register', 'modbus.func_code == 6'],
  ['s7comm', 'PLC Stop', 's7comm.param.func == 0x29'],
  ['dnp3', 'Direct Operate', 'dnp3.al.func == 5'],
  ['ethernet-ip', 'Set Attribute Single', 'cip.service == 0x10'],
  ['iec104', 'Command', 'iec60870_asdu.typeid == 45'],
])('%s', async (protocol, operation, filter) => {
  const bytes = capture((world) => newMaster(world, 10, protocol))
  const { findings } = await findingsOf(bytes)
  expect(findings.map(({ severity, rule, title }) => `${severity} ${rule} ${title}`)).toEqual([
    expect.stringMatching(new RegExp(`^medium controller-change .* 1 time by ${protocol} \\(${operation}\\)\\.$`)),
    expect.stringMatching(new RegExp(`^info controller-change .* 17 times by ${protocol} \\(${operation}\\) in `)),
    expect.stringMatching(new RegExp(`^info controller-change .* 15 times by ${protocol} \\(${operation}\\) in `)),
  ])
  const outside = await findingsOf(capture((world) => outsideMaster(world, 10, protocol)))
  expect(outside.findings.map(({ severity, rule }) => `${severity} ${rule}`)).toContain('medium controller-change')

  const folder = mkdtempSync(join(tmpdir(), 'controllers-'))
  writeFileSync(join(folder, 'a.pcap'), bytes)
  const shown = execFileSync(
    'tshark',
    ['-n', '-r', join(folder, 'a.pcap'), '-Y', `${filter} && tcp.dstport < 45000`, '-T', 'fields', '-e', 'ip.src'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  rmSync(folder, { recursive: true })
  const counts = new Map<string, number>()
  for (const ip of shown.trim().split('\n')) counts.set(ip, (counts.get(ip) ?? 0) + 1)
  expect([...counts.values()].filter((count) => count !== 33).sort((a, b) => a - b)).toEqual([1, 15, 17])
})
