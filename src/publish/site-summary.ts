// Report -> the part of it that the page shows before its database is open.
import type { SiteSummary } from '../contract/manifest.ts'
import type { Report } from '../report/index.ts'

export function summaryOf(report: Report): SiteSummary {
  const { reportName: name, mainFirstUs: firstUs, mainLastUs: lastUs, packets, bytes, flows, hosts, publicHosts, locatedHosts } = report
  const { timeline: histogram } = report
  const { latitudeDeg, longitudeDeg } = report.origin
  return {
    name,
    firstUs,
    lastUs,
    packets,
    bytes,
    flows,
    hosts,
    publicHosts,
    locatedHosts,
    histogram,
    origin: { latitudeDeg, longitudeDeg },
  }
}
