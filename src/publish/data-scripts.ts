// Bytes kept beside the analyzer -> scripts that hand them over when they are wanted: a page from file:// may load scripts and nothing else.

/** Of gzip in a script; base64 makes 3 MiB of it. */
export const DATA_PART_BYTES = 2_359_296

/** How many scripts so many bytes make. */
export function dataPartCount(packedBytes: number): number {
  return Math.max(1, Math.ceil(packedBytes / DATA_PART_BYTES))
}

/** @param base64 of the part: gzip */
export function dataScript(name: string, index: number, base64: string): string {
  return `rtnvisData("${name}",${index},"${base64}")\n`
}

/** What there is beside the page, and in how many parts. */
export function dataList(parts: Record<string, number>): string {
  return `rtnvisDataList=${JSON.stringify(parts)}\n`
}
