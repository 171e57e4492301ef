// A folder that `rtnvis export --to parquet` wrote -> its Parquet files by table and day. Links are not followed: a lake is what is in its folder.
import type { Dirent } from 'node:fs'
import { readdir, realpath, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { TABLE_NAMES } from '../../export/lake-tables.ts'
import { reasonOf } from '../input/input.ts'

export interface LakeFile {
  /** Absolute. */
  path: string
  /** YYYY-MM-DD, UTC. */
  day: string
  /** As in the name of its folder: partitionValue(). */
  sensor: string
}

/** Files of each table, in order of their paths: a table without files is not there. */
export type LakeFiles = ReadonlyMap<string, readonly LakeFile[]>

const SENSOR = 'sensor='
const DAY = /^day=(\d{4}-\d\d-\d\d)$/

/** @throws CaptureError if the folder cannot be read, or is no lake */
export async function lakeFiles(lake: string): Promise<LakeFiles> {
  const files = new Map<string, LakeFile[]>()
  try {
    const root = await realpath(lake)
    const tables = (await entriesOf(root)).filter((entry) => entry.isDirectory() && TABLE_NAMES.includes(entry.name))
    for (const { name } of tables) {
      const found = await filesOf(join(root, name))
      if (found.length > 0) files.set(name, found)
    }
  } catch (error) {
    throw new CaptureError(`${lake}: ${reasonOf(error)}`)
  }
  if (files.size > 0) return files
  throw new CaptureError(`${lake} has no Parquet files of a lake: rtnvis export REPORT --to parquet -o ${lake} writes them`)
}

/**
 * Removes what an earlier export of the same reports wrote and this one did not: rows that a report, made anew, does not have any more.
 * @param written all files of this export
 */
export async function removeEarlierFiles(lake: string, written: LakeFiles): Promise<void> {
  const placeOf = (table: string, { day, sensor, path }: LakeFile) => join(table, day, sensor, basename(path))
  const ownerOf = ({ sensor, path }: LakeFile) => join(sensor, basename(path))
  const all = [...written].flatMap(([table, files]) => files.map((file) => ({ place: placeOf(table, file), owner: ownerOf(file) })))
  const places = new Set(all.map(({ place }) => place))
  const owners = new Set(all.map(({ owner }) => owner))
  for (const [table, files] of await lakeFiles(lake))
    for (const file of files) if (owners.has(ownerOf(file)) && !places.has(placeOf(table, file))) await rm(file.path)
}

async function filesOf(table: string): Promise<LakeFile[]> {
  const files: LakeFile[] = []
  for (const { name: dayName } of (await entriesOf(table)).filter((entry) => entry.isDirectory())) {
    const day = DAY.exec(dayName)?.[1]
    if (day === undefined) continue
    for (const sensor of (await entriesOf(join(table, dayName))).filter((entry) => entry.isDirectory() && entry.name.startsWith(SENSOR))) {
      const folder = join(table, dayName, sensor.name)
      for (const file of await entriesOf(folder))
        if (file.isFile() && file.name.endsWith('.parquet'))
          files.push({ path: join(folder, file.name), day, sensor: sensor.name.slice(SENSOR.length) })
    }
  }
  return files
}

/** In an order that depends on the names alone. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
}
