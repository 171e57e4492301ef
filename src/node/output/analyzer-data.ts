// What the analyzer's page loads when it is wanted and does not come with the page: the location database, the names of cities, vendors.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { DATA_PART_BYTES, dataPartCount, dataScript } from '../../publish/data-scripts.ts'
import { findBundled } from '../geoip/bundled-geoip.ts'
import { NAMED_PLACES, VENDORS } from '../paths.ts'

/** By name: gzip. Read once. */
export class AnalyzerData {
  private readonly packed = new Map<string, Promise<Buffer>>()

  constructor() {
    const bundled = findBundled()
    if (bundled !== null) this.packed.set('locations', readFile(bundled.file))
    if (existsSync(NAMED_PLACES)) this.packed.set('cities', readFile(NAMED_PLACES))
    if (existsSync(VENDORS)) this.packed.set('vendors', readFile(VENDORS))
    for (const bytes of this.packed.values()) bytes.catch(() => {}) // reported where it is asked for
  }

  /** In how many scripts each comes. */
  async parts(): Promise<Record<string, number>> {
    const parts: Record<string, number> = {}
    for (const [name, bytes] of this.packed) parts[name] = dataPartCount((await bytes).length)
    return parts
  }

  /** Null: there is no such part. */
  async script(name: string, index: number): Promise<string | null> {
    const bytes = await this.packed.get(name)
    if (bytes === undefined || index >= dataPartCount(bytes.length)) return null
    return dataScript(name, index, bytes.subarray(index * DATA_PART_BYTES, (index + 1) * DATA_PART_BYTES).toString('base64'))
  }
}
