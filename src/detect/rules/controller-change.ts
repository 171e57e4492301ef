// Requests that change what an industrial controller does: said as information, and as a finding where a new machine sends them, or one outside.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { append } from '../methods/lists.ts'
import type { ControllerUse } from '../observe/observations.ts'

/** A machine that asked less is no master that is known. */
const LEAST_REQUESTS = 20

export const controllerChange = defineRule({
  id: 'controller-change',
  version: 1,
  readsObservations: true,
  title: 'A controller is written to, started, stopped or loaded',
  technique: 'T0855',
  severity: 'medium',
  source:
    'Functions of Modbus, S7, DNP3, EtherNet/IP (CIP) and IEC 104 that change something; MITRE ATT&CK for ICS T0855: in a plant the same few masters command',
  options: {
    changes: option(1, '', 'requests of one host to one controller that change something'),
    known: option(300, 's', 'a host that begins so long after another master of the controller is new'),
  },
  run(context, options) {
    const { flows } = context
    const byServer = new Map<number, Map<number, ControllerUse[]>>()
    for (const use of context.observations.controllers) {
      const masters = byServer.get(flows.server(use.flow)) ?? new Map<number, ControllerUse[]>()
      byServer.set(flows.server(use.flow), masters)
      const client = flows.client(use.flow)
      append(masters, client, use)
    }
    const findings: Finding[] = []
    for (const masters of byServer.values()) {
      const known = [...masters.values()].filter((uses) => sum(uses, ({ requests }) => requests) >= LEAST_REQUESTS)
      const firstUs = known.reduce((us, uses) => Math.min(us, beginOf(uses)), Number.POSITIVE_INFINITY)
      for (const uses of masters.values()) {
        if (sum(uses, ({ changes }) => changes) < options.changes) continue
        const isNew = beginOf(uses) - firstUs >= options.known * 1e6
        findings.push(describe(context, uses, isNew, options.changes))
      }
    }
    return findings
  },
})

const sum = (uses: ControllerUse[], of: (use: ControllerUse) => number): number => uses.reduce((total, use) => total + of(use), 0)
const beginOf = (uses: ControllerUse[]): number => uses.reduce((us, { beganUs }) => Math.min(us, beganUs), Number.POSITIVE_INFINITY)

function describe({ flows, hosts }: Context, uses: ControllerUse[], isNew: boolean, threshold: number): Finding {
  const changing = uses.filter(({ changes }) => changes > 0)
  const [{ flow, protocol }] = changing
  const [source, target] = [flows.client(flow), flows.server(flow)]
  const changes = sum(changing, (use) => use.changes)
  const operations = [...new Set(changing.flatMap((use) => use.operations))]
  const firstUs = changing.reduce((us, use) => Math.min(us, use.firstUs), Number.POSITIVE_INFINITY)
  const lastUs = changing.reduce((us, use) => Math.max(us, use.lastUs), 0)
  const isOutside = !hosts.isLocal(source) && hosts.isLocal(target)
  return {
    severity: isNew || isOutside ? 'medium' : 'info',
    severityReason: isOutside
      ? 'Commands come from outside, where no master of a plant belongs.'
      : isNew
        ? 'Another machine commanded this controller before; masters seldom change.'
        : 'Masters command controllers all day; nothing shows that this one is new.',
    title: `${hosts.ip(source)} changed something on the controller ${hosts.ip(target)} ${plural(changes, 'time')} by ${protocol} (${list(operations)})${lastUs > firstUs ? ` in ${span(lastUs - firstUs)}` : ''}.`,
    nextStep: `Ask who runs ${hosts.ip(source)}, and compare what ${hosts.ip(target)} does and runs with what it should.`,
    firstUs,
    lastUs,
    source,
    target,
    observed: [
      measured('requests that change something', changes, threshold),
      fact(
        'requests in all',
        sum(uses, ({ requests }) => requests),
      ),
      fact('functions', list(operations)),
    ],
    picture: null,
    flows: FlowSample.of(new Set(changing.map((use) => use.flow))),
    ports: flows.serverPorts(changing.map(({ flow }) => flow)),
  }
}
