// The beginning of a file -> the reader of its flow log. A new format has one file beside this one and a line in FORMATS.
import { awsFormat } from './aws.ts'
import { azureFormat } from './azure.ts'
import { eveFormat } from './eve.ts'
import { gcpFormat } from './gcp.ts'
import { lakeFormat } from './lake.ts'
import { nfdumpFormat } from './nfdump.ts'
import { type FlowFormat, FlowRecordReader } from './reader.ts'
import { zeekFormat } from './zeek.ts'

/** Each recognises its format by content. @param text the first bytes of the file, latin1 */
const FORMATS: ((text: string) => FlowFormat | null)[] = [
  zeekFormat,
  nfdumpFormat,
  eveFormat,
  awsFormat,
  gcpFormat,
  azureFormat,
  lakeFormat,
]

/** Printable ASCII, or the byte order mark of UTF-8. */
const TEXT = /^(\xef\xbb\xbf)?[\x20-\x7e]/

/** @param bytes the beginning of the file, up to PROBE_BYTES. @returns null if it is no flow log */
export function flowRecordReaderOf(bytes: Uint8Array): FlowRecordReader | null {
  const begin = new TextDecoder('latin1').decode(bytes.subarray(0, 4))
  if (!TEXT.test(begin)) return null
  const text = new TextDecoder('latin1').decode(bytes).replace(/^\xef\xbb\xbf/, '')
  for (const recognise of FORMATS) {
    const format = recognise(text)
    if (format !== null) return new FlowRecordReader(format)
  }
  return null
}
