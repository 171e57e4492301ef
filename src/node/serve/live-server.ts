// `rtnvis live --serve`: the server over a running capture's report.
import type { LiveFeed } from '../live/feed.ts'
import { reportContent } from './report-content.ts'
import { Reports } from './reports.ts'
import { type ServeFlags, serverOptions } from './serve-command.ts'
import { type RunningServer, startServer } from './server.ts'

/** @param folder the report's, which is replaced file by file while packets come */
export async function serveLive(_feed: LiveFeed, folder: string, flags: ServeFlags & { programVersion: string }): Promise<RunningServer> {
  const reports = await Reports.open(folder)
  return startServer(serverOptions(flags), (counters) => reportContent(reports, flags.programVersion, counters))
}
