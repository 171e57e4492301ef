// The programs that can record packets, as commands that write a pcap stream to standard output and say on standard error how it goes.

import { execFileSync } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CaptureError, UsageError } from '../../errors.ts'
import { scriptFile } from '../paths.ts'
import type { User } from './privileges.ts'

export const VIAS = ['tcpdump', 'dumpcap', 'cap'] as const
export type Via = (typeof VIAS)[number]

export interface CaptureRequest {
  interfaceName: string
  /** BPF, '' for none. */
  filter: string
  /** Null: no limit. */
  maxPackets: number | null
  /** Whom the capturing process becomes once the device is open; null: whoever it is. */
  user: User | null
}

export interface CaptureTool {
  via: Via
  command: string
  args: string[]
  /** What setcap would have to be given. */
  binary: string
  /** It answers SIGUSR1 with its counters. */
  tellsCounters: boolean
}

/** The kernel's buffer between the device and the capturing program, MiB: half a second at a gigabit. */
const KERNEL_BUFFER_MIB = 64

const CAP_PROCESS = scriptFile('live-cap-process')

/**
 * The tools there are, the best first. tcpdump costs least a packet (measured: half of dumpcap), takes its times from the kernel, counts what the kernel
 * drops and tells it while it runs, and gives up root by itself. dumpcap hands packets on sooner (0.12 s instead of 0.5 s). cap takes its times when it
 * gets to a packet, and nobody tells it what the kernel dropped.
 * @param via only this one
 * @throws UsageError, CaptureError: what to install
 */
export function findTools(request: CaptureRequest, via: Via | undefined): CaptureTool[] {
  const make = (names: readonly Via[]) => names.map((name) => MAKERS[name](request)).filter((tool) => tool !== null)
  // Whether cap is there costs the start of a process: asked only where there is nothing else.
  const programs = make(via === undefined ? ['tcpdump', 'dumpcap'] : [via])
  const tools = via === undefined && programs.length === 0 ? make(['cap']) : programs
  if (tools.length > 0) return tools
  if (via === 'cap')
    throw new CaptureError('--via cap: the package cap is not there: it needs libpcap-dev, make and g++, then: npm install cap@0.2.1')
  if (via !== undefined) throw new CaptureError(`--via ${via}: ${via} is not installed, or not in PATH`)
  throw new CaptureError('nothing here can record packets: install tcpdump (apt install tcpdump) or Wireshark (it brings dumpcap)')
}

/** @throws UsageError */
export function parseVia(text: string): Via {
  const via = VIAS.find((name) => name === text)
  if (via === undefined) throw new UsageError(`--via ${text}: it must be one of ${VIAS.join(', ')}`)
  return via
}

const MAKERS: Record<Via, (request: CaptureRequest) => CaptureTool | null> = {
  tcpdump: ({ interfaceName, filter, maxPackets, user }) => {
    const command = findProgram('tcpdump')
    if (command === null) return null
    const limit = maxPackets === null ? [] : ['-c', String(maxPackets)]
    const become = user?.isNamed ? ['-Z', user.name] : []
    const args = ['-i', interfaceName, '-n', '-U', '-B', String(KERNEL_BUFFER_MIB * 1024), ...limit, ...become, '-w', '-']
    // A filter never looks like an option: it is behind "--".
    const all = filter === '' ? args : [...args, '--', filter]
    const tool: CaptureTool = { via: 'tcpdump', command, args: all, binary: command, tellsCounters: true }
    // Its own -Z knows only users with a name.
    return user === null || user.isNamed ? tool : asUser(tool, user)
  },
  dumpcap: ({ interfaceName, filter, maxPackets, user }) => {
    const command = findProgram('dumpcap')
    if (command === null) return null
    const limit = maxPackets === null ? [] : ['-c', String(maxPackets)]
    const only = filter === '' ? [] : ['-f', filter]
    const args = ['-q', '-i', interfaceName, ...only, '-B', String(KERNEL_BUFFER_MIB), ...limit, '-P', '-w', '-']
    const tool: CaptureTool = { via: 'dumpcap', command, args, binary: command, tellsCounters: false }
    return user === null ? tool : asUser(tool, user)
  },
  cap: (request) => {
    if (!hasCap()) return null
    const args = [fileURLToPath(CAP_PROCESS), JSON.stringify(request)]
    return { via: 'cap', command: process.execPath, args, binary: realpathSync(process.execPath), tellsCounters: false }
  },
}

/** For programs that keep root when root starts them: setpriv leaves them the one capability that capturing needs. */
function asUser(tool: CaptureTool, user: User): CaptureTool | null {
  const setpriv = findProgram('setpriv')
  if (setpriv === null) return null
  const capabilities = '-all,+net_raw,+net_admin'
  const become = ['--reuid', String(user.uid), '--regid', String(user.gid), user.isNamed ? '--init-groups' : '--clear-groups']
  const keep = ['--inh-caps', capabilities, '--ambient-caps', capabilities, '--bounding-set', capabilities]
  return { ...tool, command: setpriv, args: [...become, ...keep, tool.command, ...tool.args] }
}

function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/usr/local/sbin']
  for (const folder of folders) {
    if (folder === '') continue
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return null
}

/** Compiled and loadable: asked in another process, for a broken native module may take the asking one with it. */
function hasCap(): boolean {
  try {
    createRequire(import.meta.url).resolve('cap')
    const ask = `require(${JSON.stringify(createRequire(import.meta.url).resolve('cap'))})`
    execFileSync(process.execPath, ['-e', ask], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What a tool said before its first packet, as one line that says what to do. */
export function explainFailure(tool: CaptureTool, request: CaptureRequest, said: string): Error {
  const text = said
    .split('\n')
    .map((line) => line.replace(/^(tcpdump|dumpcap|cap): /, '').trim())
    .filter((line) => line !== '' && !/^(Warning:|Capturing on|File:|Packets |listening on|\d+ packets)/.test(line))
  if (/permission|not permitted|CAP_NET_RAW/i.test(said)) {
    const line = `sudo setcap cap_net_raw+ep ${realpathSync(tool.binary)}`
    const why = `no permission to capture on ${request.interfaceName} with ${tool.via}`
    return new CaptureError(`${why}: run with sudo (root is given up again once the device is open), or once: ${line}`)
  }
  if (/filter|syntax|parse|unknown host|unknown port|illegal/i.test(said)) {
    const reason = /\(([^()]*(?:\([^()]*\))?[^()]*)\)/.exec(text[1] ?? '')?.[1] ?? text[0] ?? ''
    return new UsageError(`-f ${request.filter}: ${reason.replace(/^can't parse filter expression: /, '')}`)
  }
  if (/no such device|no device named|does.?n.t exist/i.test(said)) {
    return new UsageError(`-i ${request.interfaceName}: no such interface; rtnvis interfaces lists them`)
  }
  return new CaptureError(`${tool.via} did not start on ${request.interfaceName}: ${text[0] ?? 'it said nothing'}`)
}

/** Whether another tool may succeed where this one failed. */
export function mayOtherSucceed(said: string): boolean {
  return /permission|not permitted/i.test(said)
}

/** How a capturing program ended. */
export interface ToolEnd {
  code: number | null
  /** What ended it from outside, e.g. SIGKILL. */
  signal: string | null
  said: string
}

/** Why a tool that was capturing ended, as it said itself. */
export function lastWords(via: string, { code, signal, said }: ToolEnd): string {
  if (signal !== null) return `${via} was ended by ${signal}`
  const line = said.split('\n').findLast((text) => text.trim() !== '' && !/^\d+ packets? /.test(text))
  return `${via} ended${code === null ? '' : ` (${code})`}: ${line?.trim() ?? 'it said nothing'}`
}
