// Log entries of Google Cloud's VPC flow logs -> flow records, each one direction of a conversation.
// Fields: https://cloud.google.com/vpc/docs/about-flow-logs-records
import { fillRecord } from './fill.ts'
import type { FlowFormat } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { numberOf, objectOf, parseObject, textOf, timeOf } from './values.ts'

/** In a list (gcloud logging read --format=json) or one a line (an export to Cloud Storage). */
class Gcp implements FlowFormat {
  readonly name = 'Google Cloud VPC flow logs'
  readonly units = 'objects'
  readonly remarks = [
    'packets and bytes are what Google has estimated from a sample of the packets',
    'records of both directions and of parts of a conversation are joined by their ends; of two sides that report a direction, the first one counts',
    'TCP flags are not known: the client follows from the ports, and no state of a TCP conversation is known',
  ]

  read(text: string, record: FlowRecord): string | null {
    const entry = parseObject(text)
    if (entry === null) return 'it is not JSON'
    const flow = objectOf(entry.jsonPayload) ?? entry
    const connection = objectOf(flow.connection)
    if (connection === null) return null
    const problem = fillRecord(record, {
      startUs: timeOf(flow.start_time),
      endUs: timeOf(flow.end_time),
      source: textOf(connection.src_ip),
      target: textOf(connection.dest_ip),
      sourcePort: numberOf(connection.src_port),
      targetPort: numberOf(connection.dest_port),
      protocol: numberOf(connection.protocol),
      sourcePackets: numberOf(flow.packets_sent),
      sourceBytes: numberOf(flow.bytes_sent),
    })
    if (problem !== '') return problem
    record.isPart = true
    record.observer = textOf(flow.reporter)
    return ''
  }
}

/** @param text the beginning of the file, latin1 */
export function gcpFormat(text: string): FlowFormat | null {
  const isEntry = /^\s*\[?\s*\{/.test(text) && /"connection"\s*:\s*\{/.test(text) && /"src_ip"\s*:/.test(text)
  return isEntry && /"bytes_sent"\s*:/.test(text) && /"reporter"\s*:/.test(text) ? new Gcp() : null
}
