// Databases of a running capture -> its report on disk, complete at every moment: it exists from the first second and is replaced file by file.

import { dirname, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Report } from '../../report/index.ts'
import { syncFolder, syncTree } from '../output/durable.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { writeError } from '../output/write-errors.ts'
import { scriptFile } from '../paths.ts'
import type { FromReport, ToReport } from './report-thread.ts'

export class LiveReport {
  private worker = reportThread()
  private readonly folder: string
  private readonly hasSite: boolean
  private edition = 0

  /** Locked until close(), because its files are replaced repeatedly. */
  readonly output: OutputFolder

  private constructor(output: OutputFolder, folder: string, hasSite: boolean) {
    this.output = output
    this.folder = folder
    this.hasSite = hasSite
  }

  /**
   * Creates the folder with a first, empty report; see OutputFolder for what may be replaced. The database is transferred.
   * @throws CaptureError
   */
  static async open(folder: string, isForced: boolean, hasSite: boolean, database: Uint8Array, kept: string[]): Promise<LiveReport> {
    const output = await OutputFolder.open(folder, isForced, kept)
    const report = new LiveReport(output, folder, hasSite)
    try {
      await report.send({ folder: output.draft, database, hasSite, edition: 0, isLast: false })
      await syncTree(output.draft)
      await output.publish()
      await syncFolder(dirname(resolve(folder)))
    } catch (error) {
      await report.close()
      throw await writeError(error, folder, output.draft)
    }
    return report
  }

  /** Replaces the report. The database is transferred: the array is empty afterwards. @throws the system's error; the previous report remains */
  update(database: Uint8Array, isLast: boolean): Promise<Report> {
    return this.send({ folder: this.folder, database, hasSite: this.hasSite, edition: ++this.edition, isLast })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
    await this.output.close()
  }

  /** One message at a time. */
  private send(message: ToReport): Promise<Report> {
    return new Promise((settleWith, reject) => {
      const { worker } = this
      const done = (settle: () => void) => {
        worker.off('message', onMessage)
        worker.off('error', onError)
        settle()
      }
      const onMessage = (answer: FromReport) =>
        done(() => ('report' in answer ? settleWith(answer.report) : reject(Object.assign(new Error(answer.error), { code: answer.code }))))
      const onError = (error: Error) =>
        done(() => {
          this.worker = reportThread() // the next report may need less memory
          reject(error)
        })
      worker.on('message', onMessage)
      worker.on('error', onError)
      worker.postMessage(message, [message.database.buffer as ArrayBuffer])
    })
  }
}

function reportThread(): Worker {
  return new Worker(scriptFile('live-report-thread'))
}
