// Holds the findings of a corpus run against the written list: every high and medium finding was looked at and judged, every capture that shows an
// attack is still found, and at most one finding of each severity per fifty captures is false.
import { readFileSync } from 'node:fs'

const CAPTURES_PER_FALSE_FINDING = 50

const [reportFile, knownFile] = process.argv.slice(2)
const report = JSON.parse(readFileSync(reportFile, 'utf8'))
const { attacks, ...judgements } = JSON.parse(readFileSync(knownFile, 'utf8'))
const captures = Object.keys(report).length

const problems = []
const notes = []
const counts = []
for (const severity of ['high', 'medium']) {
  const known = judgements[severity]
  let falseFindings = 0
  for (const [capture, findings] of Object.entries(report)) {
    for (const { rule, title } of findings.filter((finding) => finding.severity === severity)) {
      const judged = known[capture]?.find((one) => one.rule === rule)
      if (judged === undefined) problems.push(`nobody judged: ${capture}: ${severity} ${rule}: ${title}`)
      else if (!judged.isTrue) falseFindings++
    }
  }
  for (const [capture, judged] of Object.entries(known)) {
    for (const { rule } of judged) {
      if (!report[capture]?.some((finding) => finding.rule === rule && finding.severity === severity))
        notes.push(`no ${severity} finding any more, strike it from the list: ${capture}: ${rule}`)
    }
  }
  if (falseFindings * CAPTURES_PER_FALSE_FINDING > captures)
    problems.push(`${falseFindings} false ${severity} findings in ${captures} captures`)
  counts.push(`${falseFindings} ${severity} findings known to be false`)
}
for (const [capture, rules] of Object.entries(attacks)) {
  for (const rule of rules) {
    if (!report[capture]?.some((finding) => finding.rule === rule && finding.severity !== 'info'))
      problems.push(`an attack is not found any more: ${capture}: ${rule}`)
  }
}
for (const line of [...notes, ...problems]) console.log(line)
console.log(`${captures} captures, ${counts.join(', ')}, ${problems.length} problems`)
process.exit(problems.length === 0 ? 0 : 1)
