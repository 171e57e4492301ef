// The report of a running capture on disk: there from the first second, replaced file by file while packets come, so that it is whole at every moment.

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

  /** Locked until close(): nobody else may replace what is replaced here again and again. */
  readonly output: OutputFolder

  private constructor(output: OutputFolder, folder: string, hasSite: boolean) {
    this.output = output
    this.folder = folder
    this.hasSite = hasSite
  }

  /**
   * Makes the folder with its first, empty report; see OutputFolder for what may be replaced. The database goes with it.
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

  /** Replaces what is there; the database goes with it: it is empty afterwards. @throws what the system says; the report that is there stays */
  update(database: Uint8Array, isLast: boolean): Promise<Report> {
    return this.send({ folder: this.folder, database, hasSite: this.hasSite, edition: ++this.edition, isLast })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
    await this.output.close()
  }

  /** One at a time. */
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
          this.worker = reportThread() // the next report may fit into memory again
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
