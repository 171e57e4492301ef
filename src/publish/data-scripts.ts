// Data files of the analyzer -> scripts that contain them: a page from file:// can load only scripts.

/** Bytes of gzip per script, which are 3 MiB in base64. */
export const DATA_PART_BYTES = 2_359_296

/** Number of scripts for this many bytes. */
export function dataPartCount(packedBytes: number): number {
  return Math.max(1, Math.ceil(packedBytes / DATA_PART_BYTES))
}

/** @param base64 of the part: gzip */
export function dataScript(name: string, index: number, base64: string): string {
  return `rtnvisData("${name}",${index},"${base64}")\n`
}

/** The data files next to the page, with their numbers of parts. */
export function dataList(parts: Record<string, number>): string {
  return `rtnvisDataList=${JSON.stringify(parts)}\n`
}
