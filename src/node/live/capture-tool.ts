// Capture request -> the commands that can capture: each writes a pcap stream to standard output and messages to standard error.

import { execFileSync } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CaptureError, UsageError } from '../../errors.ts'
import { scriptFile } from '../paths.ts'
import type { User } from './privileges.ts'

export const VIAS = ['tcpdump', 'dumpcap', 'cap'] as const
/** `tcp`: packets that another machine sends, by this program itself. */
export type Via = (typeof VIAS)[number] | 'tcp'

export interface CaptureRequest {
  /** Or the server that sends the packets, as tcp://HOST:PORT. */
  interfaceName: string
  /** BPF, '' for none. */
  filter: string
  /** Null: no limit. */
  maxPackets: number | null
  /** User of the capturing process after the device is open; null: unchanged. */
  user: User | null
}

export interface CaptureTool {
  via: Via
  command: string
  args: string[]
  /** Path of the program for setcap. */
  binary: string
  /** It prints its counters on SIGUSR1. */
  printsCounters: boolean
}

/** Kernel buffer between device and capturing program, MiB: half a second at 1 Gbit/s. */
const KERNEL_BUFFER_MIB = 64

const CAP_PROCESS = scriptFile('live-cap-process')
const TCP_PROCESS = scriptFile('live-tcp-process')

/**
 * The available tools, best first. tcpdump costs least per packet (measured: half of dumpcap), uses kernel timestamps, counts kernel drops and prints
 * them while it runs, and gives up root itself. dumpcap passes packets on sooner (0.12 s instead of 0.5 s). cap takes the time when it receives a
 * packet, and does not count kernel drops.
 * @param via only this tool
 * @throws UsageError, CaptureError: what to install
 */
export function findTools(request: CaptureRequest, via: (typeof VIAS)[number] | undefined): CaptureTool[] {
  const make = (names: readonly (typeof VIAS)[number][]) => names.map((name) => MAKERS[name](request)).filter((tool) => tool !== null)
  // Checking for cap starts a process: only done if nothing else is found.
  const programs = make(via === undefined ? ['tcpdump', 'dumpcap'] : [via])
  const tools = via === undefined && programs.length === 0 ? make(['cap']) : programs
  if (tools.length > 0) return tools
  if (via === 'cap')
    throw new CaptureError('--via cap: the package cap is not installed: it needs libpcap-dev, make and g++, then: npm install cap@0.2.1')
  if (via !== undefined) throw new CaptureError(`--via ${via}: ${via} is not installed, or not in PATH`)
  throw new CaptureError(
    'no program that can capture packets is installed: install tcpdump (apt install tcpdump) or Wireshark (it includes dumpcap)',
  )
}

/** @throws UsageError */
export function parseVia(text: string): (typeof VIAS)[number] {
  const via = VIAS.find((name) => name === text)
  if (via === undefined) throw new UsageError(`--via ${text}: it must be one of ${VIAS.join(', ')}`)
  return via
}

/** Where packets come from by PCAP-over-IP: a stream that begins with the header of a pcap or pcapng file. */
export interface Server {
  host: string
  port: number
}

/** @returns null for a text that is no tcp:// address @throws UsageError for a wrong one */
export function parseServer(text: string): Server | null {
  if (!text.startsWith('tcp://')) return null
  const [, bracketed, plain, port] = /^tcp:\/\/(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})\/?$/i.exec(text) ?? []
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError(`--from ${text}: it must be tcp://HOST:PORT, such as tcp://192.0.2.7:57012`)
  return { host: bracketed ?? plain, port: Number(port) }
}

/** The tool that receives what a server sends. */
export function receiveFrom(server: Server, { user }: CaptureRequest): CaptureTool {
  const args = [fileURLToPath(TCP_PROCESS), JSON.stringify({ server, user })]
  return { via: 'tcp', command: process.execPath, args, binary: process.execPath, printsCounters: false }
}

const MAKERS: Record<(typeof VIAS)[number], (request: CaptureRequest) => CaptureTool | null> = {
  tcpdump: ({ interfaceName, filter, maxPackets, user }) => {
    const command = findProgram('tcpdump')
    if (command === null) return null
    const limit = maxPackets === null ? [] : ['-c', String(maxPackets)]
    const become = user?.isNamed ? ['-Z', user.name] : []
    const args = ['-i', interfaceName, '-n', '-U', '-B', String(KERNEL_BUFFER_MIB * 1024), ...limit, ...become, '-w', '-']
    // After "--" a filter cannot be taken for an option.
    const all = filter === '' ? args : [...args, '--', filter]
    const tool: CaptureTool = { via: 'tcpdump', command, args: all, binary: command, printsCounters: true }
    // tcpdump's -Z accepts only users with a name.
    return user === null || user.isNamed ? tool : asUser(tool, user)
  },
  dumpcap: ({ interfaceName, filter, maxPackets, user }) => {
    const command = findProgram('dumpcap')
    if (command === null) return null
    const limit = maxPackets === null ? [] : ['-c', String(maxPackets)]
    const only = filter === '' ? [] : ['-f', filter]
    const args = ['-q', '-i', interfaceName, ...only, '-B', String(KERNEL_BUFFER_MIB), ...limit, '-P', '-w', '-']
    const tool: CaptureTool = { via: 'dumpcap', command, args, binary: command, printsCounters: false }
    return user === null ? tool : asUser(tool, user)
  },
  cap: (request) => {
    if (!hasCap()) return null
    const args = [fileURLToPath(CAP_PROCESS), JSON.stringify(request)]
    return { via: 'cap', command: process.execPath, args, binary: realpathSync(process.execPath), printsCounters: false }
  },
}

/** For programs that would keep root: setpriv leaves them only the capability for capturing. */
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

/** Whether cap is compiled and loads: checked in another process, because a broken native module may crash it. */
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

/** A tool's standard error before the first packet -> one line that says what to do. */
export function explainFailure(tool: CaptureTool, request: CaptureRequest, stderr: string): Error {
  const text = stderr
    .split('\n')
    .map((line) => line.replace(/^(tcpdump|dumpcap|cap): /, '').trim())
    .filter((line) => line !== '' && !/^(Warning:|Capturing on|File:|Packets |listening on|\d+ packets)/.test(line))
  if (tool.via === 'tcp') return new CaptureError(`--from ${request.interfaceName}: ${text[0] ?? 'it ended immediately'}`)
  if (/permission|not permitted|CAP_NET_RAW/i.test(stderr)) {
    const line = `sudo setcap cap_net_raw+ep ${realpathSync(tool.binary)}`
    const why = `no permission to capture on ${request.interfaceName} with ${tool.via}`
    return new CaptureError(`${why}: run with sudo (root is given up again once the device is open), or once: ${line}`)
  }
  if (/filter|syntax|parse|unknown host|unknown port|illegal/i.test(stderr)) {
    const reason = /\(([^()]*(?:\([^()]*\))?[^()]*)\)/.exec(text[1] ?? '')?.[1] ?? text[0] ?? ''
    return new UsageError(`-f ${request.filter}: ${reason.replace(/^can't parse filter expression: /, '')}`)
  }
  if (/no such device|no device named|does.?n.t exist/i.test(stderr)) {
    return new UsageError(`-i ${request.interfaceName}: no such interface; rtnvis interfaces lists them`)
  }
  return new CaptureError(`${tool.via} did not start on ${request.interfaceName}: ${text[0] ?? 'it printed no reason'}`)
}

/** Whether another tool may succeed after this failure. */
export function mayOtherSucceed(stderr: string): boolean {
  return /permission|not permitted/i.test(stderr)
}

/** How the capturing program ended. */
export interface ToolEnd {
  code: number | null
  /** Signal that ended it, e.g. SIGKILL. */
  signal: string | null
  stderr: string
}

/** Why a tool ended while capturing, from its own message. */
export function lastWords(via: string, { code, signal, stderr }: ToolEnd): string {
  if (signal !== null) return `${via} was ended by ${signal}`
  const line = stderr.split('\n').findLast((text) => text.trim() !== '' && !/^\d+ packets? /.test(text))
  return `${via} ended${code === null ? '' : ` (${code})`}: ${line?.trim() ?? 'it printed no reason'}`
}
