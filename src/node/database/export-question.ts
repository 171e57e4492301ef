// The query of `rtnvis export` to an untrusted database: writes the records of one report to files. Runs in a thread (workers/export-thread.ts).
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { FormatName } from '../../export/format-names.ts'
import { exportFormat } from '../../export/index.ts'
import { ReportRows } from '../../export/report-rows.ts'
import type { SqlDatabase } from '../../types.ts'

export interface ExportJob {
  /** Where the files are. Of several reports, each query adds to them. */
  folder: string
  format: FormatName
  isJson: boolean
  isFirst: boolean
  isLast: boolean
  /** Records that are in each file already. */
  records: number[]
}

/** The records of each file, or the system's error: errors from a thread lose their code. */
export type ExportAnswer = { records: number[] } | { failed: { code: string; message: string } }

/** Characters that are written at once. */
const CHUNK = 1 << 20

export function writeExport(database: SqlDatabase, job: ExportJob): ExportAnswer {
  const { files, write } = exportFormat(job.format, job.isJson)
  const report = new ReportRows(database)
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
    return { records }
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw error
    return { failed: { code, message } }
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
