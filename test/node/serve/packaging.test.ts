// The container and the services, as far as that can be checked where neither runs: what they may do is written down, and nothing more.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** Instructions of a Dockerfile with their arguments, continued lines joined. */
const instructions = (text: string) =>
  text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)!.slice(1, 3) as [string, string])

describe('.docker/Dockerfile', () => {
  const all = instructions(read('.docker/Dockerfile'))
  const last = all.slice(all.findLastIndex(([name]) => name === 'FROM'))
  const values = (name: string) => last.filter(([found]) => found === name).map(([, value]) => value)

  test('runs as a user without rights, and only tcpdump may open a device', () => {
    expect(values('USER')).toEqual(['node'])
    const root = last
      .slice(
        0,
        last.findIndex(([name]) => name === 'USER'),
      )
      .map(([, value]) => value)
    expect(root.join(' ').match(/cap_\w+/g)).toEqual(['cap_net_raw'])
    expect(root.join(' ')).toMatch(/setcap cap_net_raw\+ep \S+ -f \S+ -v tcpdump/)
  })

  test('is built from what is pinned, keeps no tools of the build, and takes nothing from the network by itself', () => {
    for (const [name, value] of all) {
      if (name === 'FROM') expect(value).toMatch(/^node:\d+-alpine( AS build)?$/)
      expect(name, value).not.toBe('ADD')
      expect(value).not.toMatch(/curl|wget http|--allow-untrusted|npm install/)
    }
    expect(all.find(([name, value]) => name === 'RUN' && value.startsWith('npm ci'))).toBeDefined()
    for (const value of values('RUN')) expect(value.match(/apk add/g)?.length).toBe(value.match(/apk add --no-cache/g)?.length)
    expect(values('COPY').filter((value) => !value.startsWith('--from=build'))).toEqual([
      'LICENSE CHANGELOG.md ./',
      '.deploy/batch /opt/rtnvis/batch',
    ])
  })

  test('has a health check, and starts in the form that gets signals', () => {
    expect(values('HEALTHCHECK')[0]).toContain('http://127.0.0.1:8770/healthz')
    for (const name of ['ENTRYPOINT', 'CMD']) expect(Array.isArray(JSON.parse(values(name)[0]))).toBe(true)
    expect(values('STOPSIGNAL')).toEqual(['SIGINT'])
  })

  test('copies only files of the context, and the context has no others', () => {
    const kept = read('.docker/Dockerfile.dockerignore').match(/(?<=^!).*/gm)!
    const copied = all
      .filter(([name, value]) => name === 'COPY' && !value.startsWith('--from'))
      .flatMap(([, value]) => value.split(' ').slice(0, -1))
    expect(kept.sort()).toEqual(copied.sort())
  })
})

test('.docker/compose.yaml gives one right to one service, and no address of the network', () => {
  const text = read('.docker/compose.yaml')
  expect(text.match(/cap_add: .*/g)).toEqual(['cap_add: [NET_RAW]'])
  expect(text).toContain('cap_drop: [ALL]')
  expect(text).toContain('read_only: true')
  expect(text).not.toMatch(/privileged|docker\.sock|"0\.0\.0\.0:/)
  for (const [port] of text.matchAll(/"\S*:8770"/g)) expect(port).toMatch(/^"127\.0\.0\.1:/)
  const services = text.slice(text.indexOf('\nservices:'))
  const [live, reports] = services.split(/\n {2}(?=\w+:\n)/).slice(1)
  expect(live).toContain('cap_add')
  expect(reports).toContain('no-new-privileges:true')
})

describe.each([
  ['rtnvis-live', 'CAP_NET_RAW', 3],
  ['rtnvis-serve', '', 2],
])('.systemd/%s.service', (name, right, mostExposed) => {
  const file = join(ROOT, `.systemd/${name}.service`)
  const text = readFileSync(file, 'utf8')

  test('has at most one capability, a user of its own, and can write only to its own folders', () => {
    expect(text).toContain(`\nCapabilityBoundingSet=${right}\n`)
    expect(text.match(/^AmbientCapabilities=.*$/gm) ?? []).toEqual(right ? [`AmbientCapabilities=${right}`] : [])
    for (const line of [
      'DynamicUser=yes',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'UMask=0077',
      'LoadCredential=key:/etc/rtnvis/key',
    ])
      expect(text).toContain(`\n${line}\n`)
  })

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
  test.skipIf(!hasSystemd)('is accepted by systemd, which finds it little exposed', () => {
    const verify = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    expect([verify.status, verify.stderr]).toEqual([0, ''])
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' }).stdout
    expect(Number(/Overall exposure level for .*: ([\d.]+)/.exec(security)![1])).toBeLessThan(mostExposed)
  })
})

test('commands of the container and of the services are options that exist', () => {
  const help = (command: string) =>
    spawnSync(process.execPath, [join(ROOT, 'dist/node/cli.js'), command, '--help'], { encoding: 'utf8' }).stdout
  const options = { live: help('live'), serve: help('serve') }
  const lines = [
    ...[...read('.docker/compose.yaml').matchAll(/command: \[(.*)\]/g)].map((match) => match[1].replaceAll(/[",]/g, '')),
    ...['live', 'serve'].map((name) => /rtnvis (.*)/.exec(/^ExecStart=.*$/m.exec(read(`.systemd/rtnvis-${name}.service`))![0])![1]),
    (JSON.parse(instructions(read('.docker/Dockerfile')).find(([name]) => name === 'CMD')![1]) as string[]).join(' '),
  ]
  expect(lines).toHaveLength(5)
  for (const line of lines) {
    const [command, ...rest] = line.split(' ')
    for (const option of rest.filter((word) => word.startsWith('--'))) expect(options[command as 'live' | 'serve'], line).toContain(option)
  }
})
