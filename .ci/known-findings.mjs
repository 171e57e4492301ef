// Holds the findings of a corpus run against the written list: every high finding was looked at and judged, every capture that shows an attack is
// still found, and at most one high finding per fifty captures is false.
import { readFileSync } from 'node:fs'

const CAPTURES_PER_FALSE_FINDING = 50

const [reportFile, knownFile] = process.argv.slice(2)
const report = JSON.parse(readFileSync(reportFile, 'utf8'))
const { high, attacks } = JSON.parse(readFileSync(knownFile, 'utf8'))

const problems = []
const notes = []
let falseFindings = 0
for (const [capture, findings] of Object.entries(report)) {
  for (const { rule, title } of findings.filter(({ severity }) => severity === 'high')) {
    const judged = high[capture]?.find((known) => known.rule === rule)
    if (judged === undefined) problems.push(`nobody judged: ${capture}: ${rule}: ${title}`)
    else if (!judged.isTrue) falseFindings++
  }
}
for (const [capture, judged] of Object.entries(high)) {
  for (const { rule } of judged) {
    if (!report[capture]?.some((finding) => finding.rule === rule && finding.severity === 'high'))
      notes.push(`no high finding any more, strike it from the list: ${capture}: ${rule}`)
  }
}
for (const [capture, rules] of Object.entries(attacks)) {
  for (const rule of rules) {
    if (!report[capture]?.some((finding) => finding.rule === rule && finding.severity !== 'info'))
      problems.push(`an attack is not found any more: ${capture}: ${rule}`)
  }
}
const captures = Object.keys(report).length
if (falseFindings * CAPTURES_PER_FALSE_FINDING > captures) problems.push(`${falseFindings} false high findings in ${captures} captures`)
for (const line of [...notes, ...problems]) console.log(line)
console.log(`${captures} captures, ${falseFindings} high findings known to be false, ${problems.length} problems`)
process.exit(problems.length === 0 ? 0 : 1)
