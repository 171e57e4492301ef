// npm run evaluate: precision and recall of every rule on attacks whose labels were written with them, and findings an hour where nothing happens.
// With a folder: the same over captures with labels beside them; over captures without, who found what, so that somebody can look.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CaptureError } from '../../src/errors.ts'
import { labelledSet } from '../attacks/set.ts'
import { capturesIn, LABELS } from './captures.ts'
import { detectionOf, type FoundInCapture, findingsOf } from './findings.ts'
import { incidentLines, scoreIncidents } from './incidents.ts'
import { writeMeasured } from './measured.ts'
import { Scores } from './score.ts'
import { benignLines, countLines, mistakeLines, scoreLines, weakest } from './tables.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    /** Also keep the generated captures and their labels in this folder. */
    write: { type: 'string' },
    /** All findings by capture, for other programs. */
    json: { type: 'string' },
    /** Every miss and every false finding, not only the first of each rule. */
    all: { type: 'boolean', default: false },
    /** Also keep the figures for the manual's table, with what each rule was when they were measured. */
    measured: { type: 'boolean', default: false },
    /** Number of infection chains, whose incidents are checked fact by fact. */
    chains: { type: 'string', default: '50' },
  },
})

const scores = new Scores()
const benign: FoundInCapture[] = []
const unlabelled: { name: string; found: FoundInCapture }[] = []
const all: Record<string, FoundInCapture['findings']> = {}

for (const { name, bytes, labels } of positionals[0] === undefined ? generated() : capturesIn(positionals[0])) {
  try {
    const found = await findingsOf(bytes, detectionOf(labels))
    all[name] = found.findings
    if (labels === null) unlabelled.push({ name, found })
    else {
      scores.add(name, found.findings, labels)
      if (labels.labels.length === 0 || name.startsWith('benign')) benign.push(found)
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    console.error(`${name}: ${error.message}`)
  }
}

if (options.measured) writeMeasured(scores)
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(all, null, 1)}\n`)
const lines = [
  ...(scores.rules.size > 0 ? [...scoreLines(scores), '', ...mistakeLines(scores, options.all)] : []),
  ...(benign.length > 0 ? ['', ...benignLines(benign)] : []),
  ...(unlabelled.length > 0 ? ['', ...countLines(unlabelled)] : []),
]
console.log(lines.join('\n'))
const chains = positionals[0] === undefined ? Number(options.chains) : 0
const incidents = await scoreIncidents(1_000 * Number(options.seed), chains)
if (chains > 0) console.log(['', ...incidentLines(incidents)].join('\n'))
process.exitCode = weakest(scores) < 0.95 || incidents.mistakes.length > 0 ? 1 : 0

function* generated(): Generator<{ name: string; bytes: Uint8Array; labels: Parameters<Scores['add']>[2] | null }> {
  for (const { name, pcap, labels } of labelledSet(Number(options.seed))) {
    if (options.write !== undefined) {
      writeFileSync(join(options.write, `${name}.pcap`), pcap)
      writeFileSync(join(options.write, name + LABELS), `${JSON.stringify(labels, null, 1)}\n`)
    }
    yield { name, bytes: pcap, labels }
  }
}
