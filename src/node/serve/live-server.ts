// `rtnvis live --serve`: the server of a running capture.
import type { LiveFeed } from '../../contract/live-feed.ts'
import type { ServerFlags } from '../commands/options.ts'
import { printedAddress, reloadOnHangup, serverOptions, warnOfListeners } from '../commands/serve.ts'
import { say } from '../commands/terminal.ts'
import { type LiveContent, liveContent } from './live-content.ts'
import { bindServer } from './server.ts'

/** A server that listens on its port, before a capture has started. */
export interface LiveServer {
  /** Starts to answer. The address is printed on stderr, because stdout is for the capture's summary. @returns the address */
  serve(feed: LiveFeed): string
  close(): Promise<void>
}

/** @throws UsageError: one line for the user */
export async function bindLiveServer(flags: ServerFlags & { programVersion: string }): Promise<LiveServer> {
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
