// Holds a corpus run against the written list of differences: none may be new. The list may only shrink, so what no longer differs is named too.
import { readFileSync } from 'node:fs'

const [reportFile, knownFile] = process.argv.slice(2)
const report = JSON.parse(readFileSync(reportFile, 'utf8'))
const known = JSON.parse(readFileSync(knownFile, 'utf8')).differences
const isKnown = (file, check) => known[file]?.checks.includes(check) ?? false

const fresh = Object.entries(report).flatMap(([file, checks]) =>
  Object.keys(checks)
    .filter((check) => !isKnown(file, check))
    .map((check) => `${file}: ${check}: ${checks[check][0]}`),
)
const gone = Object.entries(known).flatMap(([file, { checks }]) =>
  checks.filter((check) => report[file]?.[check] === undefined).map((check) => `${file}: ${check}`),
)
for (const line of fresh) console.log(`new difference: ${line}`)
for (const line of gone) console.log(`agrees now, strike it from the list: ${line}`)
console.log(`${Object.keys(report).length} captures differ, all but ${fresh.length} checks known`)
process.exit(fresh.length === 0 ? 0 : 1)
