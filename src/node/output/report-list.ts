// A folder of reports: names of the folders in it, and the page that lists them.
import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { reportName as nameOf } from '../../input/report-name.ts'
import { toPrintable } from '../../report/figures.ts'
import type { IndexEntry, IndexLinks } from '../../report/pages.ts'
import { DATABASE_FILE, isDatabaseFile } from '../database/report-database.ts'
import { replaceFile } from './durable.ts'
import { readEntry, readStart } from './index-entry.ts'
import { shortened } from './output-place.ts'
import { renderIndex } from './render.ts'
import { writeError } from './write-errors.ts'

/** The page in a folder of reports that lists them. */
export const LIST_FILE = 'index.html'
/** Of index.html.ejs: tells the page from others with its name. */
const LIST_TITLE = '<title>rtnvis reports</title>'
/** Longest folder name made from a title, bytes in UTF-8; shorter than file systems allow, because suffixes are added. */
const MAX_FOLDER_NAME = 200

/** Name of the first file without folders and extensions; for several files also the number of the others. */
export function reportName(files: string[]): string {
  return nameOf(files.map((file) => (file === '-' ? 'stdin' : basename(file))))
}

/**
 * A title may have characters that a folder name must not have: a leading dot hides a folder, a leading hyphen makes its name an option of
 * programs, Windows removes spaces and dots at the end, and reserves names of devices.
 */
export function folderName(name: string): string {
  const plain = toPrintable(name)
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/^[-. ]+|[. ]+$/g, '')
  if (plain === '') return 'report'
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain)
  return shortened(isDevice ? `${plain}-report` : plain, MAX_FOLDER_NAME)
}

/**
 * A folder for each capture, all different even where capital letters do not count: by the capture's name without its extensions, else by its whole
 * name, else by its path, else with a number.
 */
export function folderNames(files: string[]): string[] {
  const forms = [
    (file: string) => folderName(reportName([file])),
    (file: string) => folderName(basename(file)),
    (file: string) => folderName(relative('', file)),
  ]
  const names = files.map(forms[0])
  for (const form of forms.slice(1)) for (const i of repeated(names)) names[i] = form(files[i])
  for (const [number, i] of repeated(names).entries()) names[i] = `${names[i]}-${number + 1}`
  return names
}

/** Indices of the names that others have, too. */
function repeated(names: string[]): number[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  return [...names.keys()].filter((i) => counts.get(names[i].toLowerCase())! > 1)
}

export interface ListOptions extends IndexLinks {
  /** Default: all. */
  isListed?(folder: string): boolean
  isNewestFirst?: boolean
}

/** The page that lists the reports in a folder, ordered by name. */
export async function renderList(
  folder: string,
  { isListed = () => true, isNewestFirst = false, ...links }: ListOptions = {},
): Promise<string> {
  const reports: { folder: string; entry: IndexEntry }[] = []
  for (const item of await readdir(folder, { withFileTypes: true })) {
    if (!item.isDirectory() || item.name.startsWith('.') || !isListed(item.name)) continue
    const entry = await readEntry(join(folder, item.name, 'report.html'))
    if (entry !== null) reports.push({ folder: item.name, entry })
  }
  reports.sort((a, b) => (a.folder < b.folder ? -1 : 1))
  return renderIndex(isNewestFirst ? reports.reverse() : reports, links)
}

/** @param page the list of the reports in a folder @throws CaptureError that names the file */
export async function writeList(folder: string, page: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await replaceFile(join(folder, LIST_FILE), page)
  } catch (error) {
    throw await writeError(error, join(folder, LIST_FILE), folder)
  }
}

/** @throws CaptureError if reports and their list must not be written to the folder: it is a report, or its index.html is somebody else's */
export async function checkListFolder(folder: string, isForced: boolean): Promise<void> {
  if (await isDatabaseFile(join(folder, DATABASE_FILE)))
    throw new CaptureError(`${folder} is a report: choose a folder for reports with -o, such as ${dirname(resolve(folder))}`)
  const page = await readStart(join(folder, LIST_FILE))
  if (page !== null && !page.includes(LIST_TITLE) && !isForced)
    throw new CaptureError(`${join(folder, LIST_FILE)} is not a list of reports: choose another folder with -o, or replace it with --force`)
}
