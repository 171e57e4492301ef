// Names of captures -> the report's name.

/** The first file's name without its extensions; with several files, the number of the others is added. @param files base names */
export function reportName(files: string[]): string {
  const [first] = files
  const stem = first.replace(/(\.(pcap|pcapng|cap|dmp|gz|zst|zstd))+$/i, '') || first
  return files.length === 1 ? stem : `${stem}-and-${files.length - 1}-more`
}
