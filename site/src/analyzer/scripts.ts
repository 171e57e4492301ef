// Data beside the page, as scripts that are loaded when they are wanted.
import type { DataName, DataPart } from '../../../src/browser/messages.ts'
import { loadScript } from '../ui/load-script.ts'

declare global {
  /** Called by analyzer/data/NAME-N.js. */
  var rtnvisData: ((name: DataName, index: number, base64: string) => void) | undefined
  /** Set by analyzer/data/list.js: what there is, and in how many parts. */
  var rtnvisDataList: Partial<Record<DataName, number>> | undefined
}

/** Where all is one file: the scripts, as text. Kept in the head, because the player takes the place of the body. */
export function keepTexts(): void {
  document.head.append(...document.querySelectorAll('script[data-path]'))
}

/** Who gets the parts of a data file: several may be loaded at once. */
const takers = new Map<DataName, (part: DataPart) => void>()

/** Hands over all parts, one after another. @returns false: it is not beside this page */
export async function loadData(of: DataName, take: (part: DataPart) => void): Promise<boolean> {
  const count = (name: DataName) => globalThis.rtnvisDataList?.[name] ?? 0
  globalThis.rtnvisData = (name, index, base64) => takers.get(name)?.({ type: 'part', of: name, index, parts: count(name), base64 })
  takers.set(of, take)
  try {
    for (let index = 0; index < count(of); index++) await loadScript(`analyzer/data/${of}-${index}.js`)
  } catch {
    return false
  }
  return count(of) > 0
}
