// `rtnvis live --serve`: the server over a running capture.
import type { LiveFeed } from '../live/feed.ts'
import { type LiveContent, liveContent } from './live-content.ts'
import { printedAddress, type ServeFlags, serverOptions, warnOfListeners } from './serve-command.ts'
import { startServer } from './server.ts'

/**
 * Serves the live view until close(). Its address goes to stderr: stdout is for the capture's own summary.
 * @throws UsageError: one line for the user
 */
export async function serveLive(
  feed: LiveFeed,
  flags: ServeFlags & { programVersion: string },
): Promise<{ address: string; close(): Promise<void> }> {
  const served: { content?: LiveContent } = {}
  const server = await startServer(serverOptions(flags), (counters) => {
    served.content = liveContent(feed, flags.programVersion, counters)
    return served.content
  })
  const address = printedAddress(server, flags)
  process.stderr.write(`rtnvis: live view: ${address}\n`)
  warnOfListeners(flags)
  return {
    address,
    close: async () => {
      served.content?.close()
      await server.close()
    },
  }
}
