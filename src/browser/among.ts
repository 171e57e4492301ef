// Files of a dropped folder -> the captures among them, recognised by content and sorted by time, as `rtnvis analyze FOLDER` does.
import { CaptureError } from '../errors.ts'
import { byFirstTime, describeNone, describeSkipped, firstPacketUs } from '../input/found.ts'
import { CAPTURE_NAME } from '../input/report-name.ts'
import type { CaptureSource } from '../types.ts'
import { openFile } from './open-capture.ts'

/**
 * @param files in the order of their paths
 * @param folder its name; '' for several
 * @throws CaptureError if there is none
 */
export async function capturesAmong(files: File[], folder: string): Promise<{ captures: File[]; warnings: string[] }> {
  const found: { file: File; path: string; firstUs: number | null }[] = []
  const others: string[] = []
  const warnings: string[] = []
  const place = folder || 'What was dropped'
  for (const file of files) {
    if (file.name.startsWith('.')) continue
    const firstUs = await timeOf(file, warnings)
    // An empty file with the name of a capture is one that has no data yet.
    if (firstUs === 'other' || (file.size === 0 && !CAPTURE_NAME.test(file.name))) others.push(file.name)
    else if (firstUs !== 'unreadable') found.push({ file, path: file.name, firstUs })
  }
  if (found.length === 0) throw new CaptureError(`${place} ${describeNone(others)}`)
  if (others.length > 0) warnings.push(`${place}: ${describeSkipped(others)}`)
  return { captures: found.sort(byFirstTime).map(({ file }) => file), warnings }
}

async function timeOf(file: File, warnings: string[]): Promise<number | null | 'other' | 'unreadable'> {
  if (file.size === 0) return null
  let source: CaptureSource
  try {
    source = await openFile(file, '')
  } catch (error) {
    warnings.push(`${(error as Error).message}; it was skipped`)
    return 'unreadable'
  }
  try {
    return await firstPacketUs(source)
  } catch (error) {
    if (error instanceof CaptureError) return 'other'
    throw error
  } finally {
    await source.close()
  }
}
