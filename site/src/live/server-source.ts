// The server of a running capture as the source of a report that grows.
import type { LiveManifest } from '../../../src/contract/live-message.ts'
import { byId } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'
import { Connection } from './connection.ts'
import { describeLine } from './following.ts'
import { fetchSnapshot, fetchTables, waitForTraffic } from './snapshot.ts'
import type { LiveSource, SourceEvents } from './source.ts'

export class ServerSource implements LiveSource {
  readonly isRealTime = true
  readonly reload = fetchSnapshot
  readonly tables = fetchTables
  readonly describe = describeLine
  readonly #manifest: LiveManifest
  #connection: Connection | undefined

  constructor(manifest: LiveManifest) {
    this.#manifest = manifest
  }

  async open() {
    const { interfaceName, filter } = this.#manifest
    byId('notice-title').textContent = `Waiting for traffic on ${formatHostile(interfaceName, 40)}`
    byId('notice-text').textContent = filter ? `Capturing what matches “${formatHostile(filter, 80)}”.` : 'Nothing has been captured yet.'
    byId<HTMLProgressElement>('progress').removeAttribute('value')
    await waitForTraffic()
    return { ...(await fetchSnapshot()), first: [] }
  }

  start(events: SourceEvents): void {
    this.#connection = new Connection(events)
    this.#connection.start()
  }

  catchUp(): void {
    this.#connection?.catchUp()
  }

  shown(): void {}

  momentUs(): undefined {}
}
