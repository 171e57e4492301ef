// Remote procedures of Windows that run programs on another machine, copy its accounts, or make it log in to the attacker.

import { Protocol } from '../../decode/codes.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append } from '../methods/lists.ts'
import type { RemoteProcedure } from '../observe/observations.ts'
import { PRINTING } from '../observe/remote-procedures.ts'

/** What a call means, in the order of gravity. */
interface Meaning {
  severity: Severity
  technique: string
  /** "A ... B": who did what to whom. */
  verb: string
  reason: string
  /** A sentence about the attacker's and the target's addresses. */
  nextStep(source: string, target: string): string
  /** Normal between domain controllers. */
  isReplication?: boolean
  /** Fewer calls are normal use. */
  least?: 'logins'
  /** Any of these calls beside it makes it normal use. */
  besides?: readonly string[]
}

const PRINTER_BUG =
  "Print clients ask for it beside much else; alone, it makes a server log in to a machine of the caller's choice (SpoolSample, the printer bug)."
const LOG_IN_TO_ATTACKER: Meaning = {
  severity: 'medium',
  technique: 'T1187',
  verb: 'tried to make another machine log in elsewhere:',
  reason: 'Tools like PetitPotam make a server log in to a machine of their choice by this call; programs seldom use it.',
  nextStep: (source, target) => `Look for a connection that ${target} opened right after, and find the program on ${source} that called.`,
}
const SAVE_REGISTRY: Meaning = {
  severity: 'high',
  technique: 'T1003.002',
  verb: 'saved parts of the registry of',
  reason: 'Keys of the registry that are saved over the network are mostly those with the passwords of local accounts (secretsdump).',
  nextStep: (source, target) => `Change the passwords of local accounts of ${target}, and find the program on ${source} that called.`,
}
const WRITE_REGISTRY: Meaning = {
  severity: 'medium',
  technique: 'T1112',
  verb: 'wrote to the registry of',
  reason: 'Administrators and management programs do this, and so does whoever prepares a machine for later.',
  nextStep: (source, target) => `Look for what changed on ${target} at that time, and ask who works on ${source}.`,
}
const RUN_BY_WMI: Meaning = {
  severity: 'medium',
  technique: 'T1047',
  verb: 'ran a method of WMI on',
  reason: 'Programs are started on another machine in this way (Win32_Process.Create); management programs use it, too.',
  nextStep: (source, target) => `Look for processes that wmiprvse.exe started on ${target} at that time, and ask who works on ${source}.`,
}
const TASK: Meaning = {
  severity: 'medium',
  technique: 'T1053.005',
  verb: 'registered a scheduled task on',
  reason: 'Administrators do this, and so does whoever moves from machine to machine.',
  nextStep: (source, target) => `Look at the task in the log of ${target}, and ask who works on ${source}.`,
}

/** By interface, or by procedure where those of one interface mean different things. */
const MEANINGS: Record<string, Meaning> = {
  svcctl: {
    severity: 'medium',
    technique: 'T1569.002',
    verb: 'created a service on',
    reason: 'PsExec and its relatives run programs on another machine in this way; administrators use it, too.',
    nextStep: (source, target) => `Look at the new service in the log of ${target} (event 7045), and ask who works on ${source}.`,
  },
  atsvc: TASK,
  schrpc: TASK,
  drsuapi: {
    severity: 'high',
    technique: 'T1003.006',
    verb: 'copied the accounts of the domain from',
    reason: 'Only domain controllers replicate the directory; whoever else does gets the secrets of all accounts (DCSync).',
    nextStep: (source, target) =>
      `Find out what ${source} is: unless it is a domain controller, all passwords of the domain that ${target} serves are known to it.`,
    isReplication: true,
  },
  netlogon: {
    severity: 'high',
    technique: 'T1210',
    verb: 'tried to log in as a machine, over and over, to',
    reason: 'A machine logs in once; Zerologon (CVE-2020-1472) repeats it until a login of zeros is accepted by chance.',
    nextStep: (source, target) => `Check the password of the machine account of ${target}, whether it is patched, and isolate ${source}.`,
    least: 'logins',
  },
  efsrpc: LOG_IN_TO_ATTACKER,
  netdfs: LOG_IN_TO_ATTACKER,
  fsrvp: LOG_IN_TO_ATTACKER,
  spoolss: { ...LOG_IN_TO_ATTACKER, besides: PRINTING, reason: PRINTER_BUG },
  RpcAddPrinterDriverEx: {
    severity: 'medium',
    technique: 'T1210',
    verb: 'installed a printer driver on',
    reason:
      'A driver is a program that runs with all rights: PrintNightmare (CVE-2021-34527) came in this way. Print servers are managed so, too.',
    nextStep: (source, target) => `Look at the new driver of ${target}, whether it is patched, and ask who works on ${source}.`,
  },
  winreg: WRITE_REGISTRY,
  BaseRegSaveKey: SAVE_REGISTRY,
  BaseRegSaveKeyEx: SAVE_REGISTRY,
  samr: {
    severity: 'low',
    technique: 'T1087.002',
    verb: 'listed the accounts or groups of',
    reason: 'Any account may, and few programs do: administrators at work, and whoever looks around.',
    nextStep: (source) => `Ask who works on ${source}, and look at what it did next.`,
  },
  wmi: RUN_BY_WMI,
}

/** What tells the interface of a call where its bind is missing. */
const PLACES = { pipe: 'name of its pipe', 'endpoint mapper': 'port that the endpoint mapper named' }

const KERBEROS_PORT = 88
/** Time in which logins are counted. */
const WINDOW_US = 600_000_000

export const remoteAdministration = defineRule({
  id: 'remote-administration',
  version: 3,
  readsObservations: true,
  title: 'One Windows machine runs programs on another, copies the domain, or makes it log in elsewhere',
  technique: 'T1021',
  severity: 'high',
  source:
    'Calls read in DCE/RPC over TCP and SMB, as the Zeek scripts of MITRE BZAR: MS-SCMR, MS-TSCH, MS-DRSR (DCSync), MS-NRPC (Zerologon), MS-EFSR, MS-DFSNM, MS-FSRVP, MS-RPRN (printer bug), MS-RRP (registry), MS-SAMR, MS-WMI',
  options: {
    calls: option(1, '', 'calls of one procedure by one host to another'),
    logins: option(20, '', 'logins of a machine to one domain controller in ten minutes (Zerologon needs 256 on average)'),
  },
  run(context, options) {
    const { flows, observations } = context
    const groups = new Map<string, RemoteProcedure[]>()
    const normal = new Set<string>()
    for (const procedure of observations.remoteProcedures) {
      const pair = flows.pair(procedure.flow)
      const meaning = meaningOf(procedure)
      if (meaning.besides?.includes(procedure.operation)) {
        normal.add(`${pair} ${meaning.verb} ${procedure.interface}`)
        continue
      }
      const key = `${pair} ${meaning.verb} ${procedure.interface}`
      append(groups, key, procedure)
    }
    if (groups.size === 0) return []
    const controllers = domainControllers(context)
    const findings: Finding[] = []
    for (const [key, calls] of groups) {
      if (normal.has(key)) continue
      const { least, isReplication } = meaningOf(calls[0])
      const count = least === undefined ? sumOf(calls) : mostWithin(calls, WINDOW_US)
      if (count < (least === undefined ? options.calls : options[least])) continue
      const isOfControllers = isReplication === true && controllers.has(flows.client(calls[0].flow))
      findings.push(describe(context, calls, count, isOfControllers, least === undefined ? options.calls : options[least]))
    }
    return findings
  },
})

const meaningOf = (procedure: RemoteProcedure): Meaning => MEANINGS[procedure.operation] ?? MEANINGS[procedure.interface]
const sumOf = (calls: RemoteProcedure[]): number => calls.reduce((sum, procedure) => sum + procedure.calls, 0)

/** The most calls within a time, counted with the first of their conversation. */
function mostWithin(calls: RemoteProcedure[], windowUs: number): number {
  const ordered = [...calls].sort((a, b) => a.firstUs - b.firstUs)
  let most = 0
  for (let from = 0, to = 0, count = 0; to < ordered.length; to++) {
    count += ordered[to].calls
    while (ordered[to].firstUs - ordered[from].firstUs > windowUs) count -= ordered[from++].calls
    most = Math.max(most, count)
  }
  return most
}

/** Hosts that answer Kerberos. */
function domainControllers({ flows }: Context): Set<number> {
  const found = new Set<number>()
  for (let flow = 0; flow < flows.count; flow++) {
    const isKerberos = flows.serverPort(flow) === KERBEROS_PORT && flows.serverPackets(flow) > 0 && flows.clientPackets(flow) > 0
    if (isKerberos && (flows.protocol(flow) === Protocol.udp || flows.isAccepted(flow))) found.add(flows.server(flow))
  }
  return found
}

function describe({ flows, hosts }: Context, calls: RemoteProcedure[], count: number, isOfControllers: boolean, least: number): Finding {
  const [{ flow, interface: name, toldBy }] = calls
  const [source, target] = [flows.client(flow), flows.server(flow)]
  const meaning = meaningOf(calls[0])
  const firstUs = Math.min(...calls.map((call) => call.firstUs))
  const lastUs = Math.max(...calls.map((call) => call.lastUs))
  const operations = [...new Set(calls.map(({ operation }) => operation))]
  const often = count === 1 ? '' : `, ${plural(count, 'time')} in ${span(lastUs - firstUs)}`
  return {
    severity: isOfControllers ? 'info' : meaning.severity,
    severityReason: isOfControllers ? `${hosts.ip(source)} answers Kerberos, so it is a domain controller itself.` : meaning.reason,
    title: `${hosts.ip(source)} ${meaning.verb} ${hosts.ip(target)} (${list(operations)})${often}.`,
    nextStep: meaning.nextStep(hosts.ip(source), hosts.ip(target)),
    firstUs,
    lastUs,
    source,
    target,
    technique: meaning.technique,
    observed: [
      measured('calls', count, least),
      fact('procedures', list(operations)),
      fact('interface', toldBy === 'bind' ? name : `${name} (by the ${PLACES[toldBy]}; its bind is not in the capture)`),
    ],
    picture: null,
    flows: FlowSample.of(new Set(calls.map((call) => call.flow))),
    ports: flows.serverPorts(calls.map(({ flow }) => flow)),
  }
}
