// The beginning of a file -> the reader of its flow log. A new format has one file beside this one and a line in FORMATS.
import { FlowRecordReader, type LineFormat } from './reader.ts'
import { zeekFormat } from './zeek.ts'

/** Each recognises its format by content. @param text the first bytes of the file, latin1 */
const FORMATS: ((text: string) => LineFormat | null)[] = [zeekFormat]

/** @param bytes the beginning of the file, up to PROBE_BYTES. @returns null if it is no flow log */
export function flowRecordReaderOf(bytes: Uint8Array): FlowRecordReader | null {
  if (bytes[0] !== 0x23 && bytes[0] !== 0x7b) return null // neither "#" nor "{"
  const text = new TextDecoder('latin1').decode(bytes)
  for (const recognise of FORMATS) {
    const format = recognise(text)
    if (format !== null) return new FlowRecordReader(format)
  }
  return null
}
