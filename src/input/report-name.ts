// Names of captures, and the name of a report made of them.

/** Names that programs give captures. */
export const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp|ntar)\d*(\.(gz|zst|zstd))?$/i

/** The first file's name without its extensions; with several files, the number of the others is added. @param files base names */
export function reportName(files: string[]): string {
  const [first] = files
  const stem = first.replace(/(\.(pcap|pcapng|cap|dmp|gz|zst|zstd))+$/i, '') || first
  return files.length === 1 ? stem : `${stem}-and-${files.length - 1}-more`
}
