#!/usr/bin/env node
// Stands where Playwright starts Firefox: starts Debian's own, passes WebDriver BiDi through, and answers what that Firefox does not
// know (emulated media; preferences say the same) as done, so that the tests written for Chromium run in it unchanged.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { WebSocket, WebSocketServer } from 'ws'

/** Commands of the protocol that came after Firefox 153. */
const ANSWERED_HERE = new Set(['emulation.setMediaFeaturesOverride'])

const firefox = spawn(process.env.RTNVIS_FIREFOX ?? 'firefox-esr', process.argv.slice(2), { stdio: ['ignore', 'inherit', 'pipe'] })
firefox.on('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => firefox.kill(signal))

for await (const line of createInterface({ input: firefox.stderr })) {
  const address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1]
  if (address) serve(address)
  else console.error(line)
}

/** A download is told by an id of its own in newer versions; its blob's address does as well. */
function withDownloadId(text) {
  if (!text.includes('"browsingContext.download')) return text
  const message = JSON.parse(text)
  if (message.params?.url) message.params.download ??= message.params.url
  return JSON.stringify(message)
}

/** Tells an address of its own in the place of Firefox's. */
function serve(address) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () =>
    console.error(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}`),
  )
  server.on('connection', (client, { url }) => {
    const browser = new WebSocket(address + url)
    const waiting = []
    browser.on('open', () => {
      for (const text of waiting.splice(0)) browser.send(text)
    })
    client.on('message', (data) => {
      const text = data.toString()
      const { id, method } = JSON.parse(text)
      if (ANSWERED_HERE.has(method)) client.send(JSON.stringify({ type: 'success', id, result: {} }))
      else if (browser.readyState === WebSocket.OPEN) browser.send(text)
      else waiting.push(text)
    })
    browser.on('message', (data) => client.send(withDownloadId(data.toString())))
    browser.on('close', () => client.close())
    client.on('close', () => browser.close())
  })
}
