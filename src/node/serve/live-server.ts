// `rtnvis live --serve`: the server over a running capture.
import type { LiveFeed } from '../live/feed.ts'
import { type LiveContent, liveContent } from './live-content.ts'
import { announceServer, type ServeFlags, serverOptions } from './serve-command.ts'
import { type RunningServer, startServer } from './server.ts'

/** Serves what the feed tells until it is closed. The address, with the key in it, goes to stdout. */
export async function serveLive(feed: LiveFeed, flags: ServeFlags & { programVersion: string; quiet: boolean }): Promise<RunningServer> {
  let content: LiveContent | null = null
  const server = await startServer(serverOptions(flags), (counters) => {
    content = liveContent(feed, flags.programVersion, counters)
    return content
  })
  announceServer(server, flags, flags.quiet)
  return {
    ...server,
    close: async () => {
      content?.close()
      await server.close()
    },
  }
}
