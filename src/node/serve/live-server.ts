// `rtnvis live --serve`: the server over a running capture.
import type { LiveFeed } from '../../contract/live-feed.ts'
import { printedAddress, reloadOnHangup, type ServeFlags, serverOptions, warnOfListeners } from '../commands/serve.ts'
import { say } from '../commands/terminal.ts'
import { type LiveContent, liveContent } from './live-content.ts'
import { bindServer } from './server.ts'

/** A server with a port of its own that waits for a capture to serve. */
export interface LiveServer {
  /** Begins to answer. Its address goes to stderr: stdout is for the capture's own summary. @returns the address */
  serve(feed: LiveFeed): string
  close(): Promise<void>
}

/** @throws UsageError: one line for the user */
export async function bindLiveServer(flags: ServeFlags & { programVersion: string }): Promise<LiveServer> {
  const server = await bindServer(serverOptions(flags))
  let content: LiveContent | undefined
  return {
    serve: (feed) => {
      const running = server.serve((counters) => {
        content = liveContent(feed, flags.programVersion, counters)
        return content
      })
      const address = printedAddress(running, flags)
      say(`live view: ${address}`)
      warnOfListeners(flags)
      reloadOnHangup(running, flags)
      return address
    },
    close: () => {
      content?.close()
      return server.close()
    },
  }
}
