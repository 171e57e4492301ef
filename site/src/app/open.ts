// Reads the report's data: from scripts beside the page, from blocks inside it (--single-file), or in one piece from memory (the analyzer).
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import type { ReportClient } from '../protocol/client.ts'
import { eraOf } from '../session/hash.ts'
import { pageLoaded } from '../session/page-loaded.ts'
import { checkManifest } from './manifest.ts'

declare global {
  /** Set by the analyzer: a database in one piece, instead of parts. */
  var rtnvisDatabase: ArrayBuffer | undefined
  /** Set by assets/data/manifest.js. */
  var rtnvisManifest: SiteManifest | undefined
  /** Called by assets/data/part-N.js. */
  var rtnvisPart: ((index: number, base64: string) => void) | undefined
}

/** Scripts asked for at once: enough to keep the disk busy, few enough to hold memory down. */
const PARALLEL = 3

/** The checked manifest. @throws Error that says what is missing or wrong */
export function readManifest(): SiteManifest {
  const block = document.getElementById('rtnvis-manifest')
  if (!block && globalThis.rtnvisManifest === undefined)
    throw new Error(
      'assets/data/manifest.js is missing or damaged. Keep index.html together with its assets folder: copy the whole report folder.',
    )
  return checkManifest(block ? parse(block.textContent) : globalThis.rtnvisManifest)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

/** Hands all parts of the database to the worker; `onProgress` gets the share that has arrived, 0 to 1. */
export async function sendParts(manifest: SiteManifest, client: ReportClient, onProgress: (share: number) => void): Promise<void> {
  const inMemory = globalThis.rtnvisDatabase
  if (inMemory !== undefined) {
    globalThis.rtnvisDatabase = undefined
    client.whole(inMemory, false)
    return
  }
  client.begin(manifest.databaseBytes, manifest.parts, eraOf(location.hash))
  const isInside = document.getElementById('rtnvis-manifest') !== null
  if (isInside) await pageLoaded
  let next = 0
  let arrived = 0
  const takeTurns = async () => {
    while (next < manifest.parts) {
      const index = next++
      const base64 = isInside ? readBlock(index) : await loadScript(index, manifest)
      const offset = index * manifest.partBytes
      client.addPart(base64, offset, Math.min(manifest.partBytes, manifest.databaseBytes - offset))
      onProgress(++arrived / manifest.parts)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, takeTurns))
}

function readBlock(index: number): string {
  const block = document.getElementById(`rtnvis-part-${index}`)
  if (!block) throw new Error('The end of this file is missing: it was cut while it was copied or mailed. Get it again.')
  const base64 = block.textContent
  block.remove()
  return base64
}

const received = new Map<number, string>()

function loadScript(index: number, { parts, folder = 'data' }: SiteManifest): Promise<string> {
  globalThis.rtnvisPart = (part, base64) => received.set(part, base64)
  const script = document.createElement('script')
  script.src = `./assets/${folder}/part-${index}.js`
  const file = `assets/${folder}/part-${index}.js (${index + 1} of ${parts})`
  return new Promise((resolve, reject) => {
    script.onload = () => {
      const base64 = received.get(index)
      received.delete(index)
      script.remove()
      if (base64 === undefined)
        reject(new Error(`${file} is damaged. Copy the whole report folder again, or run rtnvis on the capture again.`))
      else resolve(base64)
    }
    script.onerror = () =>
      reject(new Error(`${file} is missing. Keep index.html together with its assets folder: copy the whole report folder.`))
    document.head.append(script)
  })
}
