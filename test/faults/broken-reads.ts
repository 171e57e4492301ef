// A disk that cannot read a file to its end, a file that is cut while it is read, a disk turned read-only -> one line, and the old report. Needs root.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ethernet, ipv4, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { CLI, DEMO, digests } from './support.ts'

const MIB = 1 << 20

/** @returns the line said of each fault */
export async function breakReads(folder: string): Promise<Record<string, string>> {
  const target = join(folder, 'report')
  spawnSync(process.execPath, [CLI, 'analyze', DEMO, '-q', '--no-site', '-o', target])
  const old = JSON.stringify(digests(target))
  const large = join(folder, 'large.pcap')
  const packet = ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(4000, 53, new Uint8Array(60_000))))
  writeFileSync(large, pcap(Array.from({ length: 700 }, (_, second) => ({ atUs: second * 1e6, bytes: packet }))))
  const said: Record<string, string> = {}
  const expect = (name: string, status: number | null, stderr: string, pattern: RegExp) => {
    if (status !== 1 || !pattern.test(stderr.trimEnd()) || stderr.trimEnd().includes('\n')) throw new Error(`${name}: ${status}, ${stderr}`)
    if (JSON.stringify(digests(target)) !== old) throw new Error(`${name}: the old report did not stay`)
    said[name] = stderr.trimEnd()
  }
  const analyze = (file: string, out = target) => spawnSync(process.execPath, [CLI, 'analyze', file, '-q', '-o', out], { encoding: 'utf8' })

  const bad = withBadDisk(folder, large, analyze)
  expect(
    'a disk with unreadable sectors',
    bad.status,
    bad.stderr,
    /: cannot be read at byte [1-9]\d*: the disk or network share reports a read error/,
  )

  const cut = join(folder, 'cut.pcap')
  copyFileSync(large, cut)
  // A pipe by name is the first capture: the second is open, and waits, until the first ends.
  const pipe = join(folder, 'pipe')
  spawnSync('mkfifo', [pipe])
  const child = spawn(process.execPath, [CLI, 'analyze', pipe, cut, '-q', '-o', target], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const fd = openSync(pipe, 'w')
  writeFileSync(fd, pcap([{ atUs: 0, bytes: packet }]))
  await new Promise((resolve) => setTimeout(resolve, 3000))
  truncateSync(cut, 20 * MIB)
  closeSync(fd)
  expect('a file cut while it is read', await ended, stderr, /cut\.pcap: cannot be read at byte \d+: the file was [\d,]+ bytes long/)

  const disk = join(folder, 'read-only')
  mkdirSync(disk)
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', disk])
  const readOnly = analyze(large, join(disk, 'x'))
  spawnSync('umount', [disk])
  expect('a read-only disk', readOnly.status, readOnly.stderr, /: .*read-only is read-only: choose another folder/)
  return said
}

/** A file system whose device ends in the middle of the file: the kernel reports EIO from there on. */
function withBadDisk<T>(folder: string, file: string, use: (path: string) => T): T {
  const image = join(folder, 'image')
  const disk = join(folder, 'bad')
  mkdirSync(disk)
  writeFileSync(image, '')
  truncateSync(image, statSync(file).size + 24 * MIB)
  const must = (command: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  }
  must('mkfs.ext4', '-q', '-O', '^has_journal', image)
  must('mount', '-o', 'loop', image, disk)
  copyFileSync(file, join(disk, 'bad.pcap'))
  must('umount', disk)
  must('mount', '-o', 'loop,ro', image, disk)
  try {
    truncateSync(image, 30 * MIB)
    return use(join(disk, 'bad.pcap'))
  } finally {
    spawnSync('umount', [disk])
  }
}
