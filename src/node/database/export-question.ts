// The query of `rtnvis export` to an untrusted database: writes the records of one report to files. Runs in a thread (workers/export-thread.ts).
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Zstd } from '@hpcc-js/wasm-zstd'
import type { FormatName, TextFormatName } from '../../export/format-names.ts'
import { type ExportForm, exportFormat } from '../../export/index.ts'
import { parquetFiles } from '../../export/parquet.ts'
import { ReportRows } from '../../export/report-rows.ts'
import type { SqlDatabase } from '../../types.ts'

export interface ExportJob {
  /** Where the files are. Of several reports, each query adds to them. */
  folder: string
  format: FormatName
  form: ExportForm
  /** Of Parquet's folders; default: the report's name. */
  sensor: string | undefined
  hasCommunityIds: boolean
  /** Of the rows of a database. */
  version?: number
  isFirst: boolean
  isLast: boolean
  /** Records that are in each file, or table, already. */
  records: number[]
}

/** The records of each file, or the system's error: errors from a thread lose their code. */
export type ExportAnswer = { records: number[] } | { failed: { code: string; message: string } }

/** Characters that are written at once. */
const CHUNK = 1 << 20

export async function writeExport(database: SqlDatabase, job: ExportJob): Promise<ExportAnswer> {
  try {
    const report = new ReportRows(database)
    return { records: job.format === 'parquet' ? await writeFiles(report, job) : writeTexts(report, job.format, job) }
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw error
    return { failed: { code, message } }
  }
}

async function writeFiles(report: ReportRows, { folder, sensor, hasCommunityIds, version, records }: ExportJob): Promise<number[]> {
  const sums = [...records]
  const zstd = await Zstd.load()
  const compress = (bytes: Uint8Array) => zstd.compress(bytes)
  for (const { table, path, rows, bytes } of parquetFiles(report, { sensor, hasCommunityIds, version, compress })) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    sums[table] += rows
  }
  return sums
}

function writeTexts(report: ReportRows, format: TextFormatName, job: ExportJob): number[] {
  const { files, write } = exportFormat(format, job.form)
  const records = [...job.records]
  const outputs: Output[] = []
  try {
    for (const { name } of files) outputs.push(new Output(join(job.folder, name)))
    if (job.isFirst) for (const [i, { head }] of files.entries()) if (head) outputs[i].add(head(report))
    write(report, (file, text) => {
      const { between } = files[file]
      outputs[file].add(between !== undefined && records[file] > 0 ? between + text : text)
      records[file]++
    })
    if (job.isLast) for (const [i, { tail }] of files.entries()) if (tail !== undefined) outputs[i].add(tail)
    for (const output of outputs) output.flush()
    return records
  } finally {
    for (const output of outputs) output.close()
  }
}

/** Text that is collected and appended to a file. */
class Output {
  private readonly fd: number
  private parts: string[] = []
  private characters = 0

  constructor(path: string) {
    this.fd = openSync(path, 'a')
  }

  add(text: string): void {
    this.parts.push(text)
    this.characters += text.length
    if (this.characters >= CHUNK) this.flush()
  }

  flush(): void {
    const bytes = Buffer.from(this.parts.join(''))
    this.parts = []
    this.characters = 0
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at)
  }

  close(): void {
    closeSync(this.fd)
  }
}
