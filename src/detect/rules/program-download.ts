// Programs that are fetched by HTTP without TLS: anybody on the way can change them, and malware is often delivered so.
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { expectedReason } from '../methods/benign-periodic.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { groupBy } from '../methods/lists.ts'
import type { CarriedProgram } from '../observe/observations.ts'

const KINDS: Record<CarriedProgram['kind'], string> = {
  PE: 'for Windows',
  ELF: 'for Linux',
  'Mach-O': 'for macOS',
  'Java class': 'of Java',
  DEX: 'for Android',
  script: 'as a script',
}
/** Content types, and ends of names, of what is no program. */
const OTHER_TYPE = /^(image|audio|video|font)\/|^text\/(html|css|plain)|^application\/(pdf|json|xml|msword|vnd\.ms|vnd\.openxml|rtf)/
const OTHER_NAME = /\.(jpe?g|png|gif|bmp|ico|webp|svg|txt|css|html?|pdf|docx?|xlsx?|pptx?|rtf|mp[34]|woff2?|json|xml|log)(\?|$)/
const MAX_EXAMPLES = 3

export const programDownload = defineRule({
  id: 'program-download',
  version: 2,
  readsObservations: true,
  title: 'A program is fetched by HTTP without TLS',
  technique: 'T1105',
  severity: 'medium',
  source:
    'First bytes of the body (PE, ELF, Mach-O, class files, DEX, scripts), as Zeek detects file types, compared with content type and name: MITRE ATT&CK T1105 and T1036.008 (masquerading)',
  options: {
    programs: option(1, '', 'programs that one host fetches from another'),
  },
  run(context, options) {
    const { flows, observations } = context
    const pairs = groupBy(observations.carriedPrograms, ({ flow }) => flows.pair(flow))
    return [...pairs.values()].filter((own) => own.length >= options.programs).map((own) => describe(context, own, options.programs))
  },
})

function describe(context: Context, programs: CarriedProgram[], threshold: number): Finding {
  const { flows, hosts, names } = context
  const [{ flow }] = programs
  const [client, server] = [flows.client(flow), flows.server(flow)]
  const name = hostName(names.ofFlow(flow).serverName)
  const kinds = [...new Set(programs.map(({ kind }) => KINDS[kind]))]
  const disguised = programs.filter(isDisguised)
  const firstUs = Math.min(...programs.map(({ atUs }) => atUs))
  return {
    ...gravity(name, flows.serverPort(flow), hosts.isLocal(server), disguised.length > 0, programs),
    title: `${hosts.ip(client)} fetched ${plural(programs.length, 'program')} ${list(kinds)} from ${hosts.ip(server)}${name === null ? '' : ` (${name})`} by HTTP${disguised.length > 0 ? ', under the name or type of something else' : ''}.`,
    nextStep: `Find the file ${programs[0].target} on ${hosts.ip(client)}, what fetched it, and whether it was run.`,
    firstUs,
    lastUs: Math.max(...programs.map((program) => flows.endUs(program.flow))),
    source: client,
    target: server,
    ...(disguised.length > 0 ? { technique: 'T1036.008' } : {}),
    observed: [
      measured('programs', programs.length, threshold),
      fact(
        'targets',
        list(
          programs.slice(0, MAX_EXAMPLES).map(({ target }) => target),
          MAX_EXAMPLES,
        ),
      ),
      fact('content type', programs[0].contentType || 'none'),
    ],
    picture: null,
    flows: FlowSample.of(new Set(programs.map((program) => program.flow))),
    ports: flows.serverPorts(programs.map(({ flow }) => flow)),
    ...(name === null ? {} : { names: [name] }),
  }
}

/** A script is text, whatever its name says. */
function isDisguised({ kind, target, contentType }: CarriedProgram): boolean {
  return kind !== 'script' && (OTHER_TYPE.test(contentType) || OTHER_NAME.test(target))
}

/** An address is no name. */
function hostName(name: string | null): string | null {
  return name === null || /^[\d.]+$|:/.test(name) ? null : name
}

function gravity(
  name: string | null,
  port: number,
  isLocal: boolean,
  isDisguised: boolean,
  programs: CarriedProgram[],
): { severity: Severity; severityReason: string } {
  if (isDisguised)
    return { severity: 'medium', severityReason: 'What says that it is a picture or a text is a program: only those who hide it do that.' }
  if (programs.some(({ kind }) => kind === 'Java class'))
    return {
      severity: 'medium',
      severityReason: 'Single class files are loaded by servers that were broken into (Log4Shell and its relatives), and by little else.',
    }
  if (name !== null && expectedReason(null, name, port) === 'updates')
    return { severity: 'info', severityReason: 'A service for updates, which signs what it sends.' }
  if (isLocal) return { severity: 'info', severityReason: 'The server is inside, where software is distributed so.' }
  if (name === null)
    return { severity: 'medium', severityReason: 'The server has no name: vendors have one, machines that spread malware often do not.' }
  return { severity: 'low', severityReason: 'Old installers are still offered without TLS; whoever is on the way can change them.' }
}
