// A large report made by formula: 100,000 flows or more, 200 places, three activity rows a flow, ten minutes. For smoothness, not for numbers.
import { FIRST_US, makeDatabase } from './sample-database.ts'

export const LARGE = { flows: 100_000, places: 200, ticks: 600, hosts: 2000 }

/** Ticks that a flow is active. */
const LENGTH = 3

const APPLICATIONS = ['tls', 'quic', 'dns', 'http', 'ssh', 'smtp', 'ntp', 'rtp', 'mqtt', null]

/** A number in [0, 1) from an index: the same every time. */
function noise(index: number, salt: number): number {
  const value = Math.sin(index * 12.9898 + salt * 78.233) * 43_758.5453
  return value - Math.floor(value)
}

export async function makeLargeDatabase(flows = LARGE.flows): Promise<Uint8Array> {
  return makeDatabase((insert) => {
    insert('places', [1, -1.286389, 36.817223, null, 'Nairobi', null, 'KE', 'Kenya', 'AF', null, 'origin'])
    for (let place = 2; place <= LARGE.places; place++)
      insert('places', [
        place,
        noise(place, 1) * 120 - 50,
        noise(place, 2) * 360 - 180,
        20,
        `City ${place}`,
        null,
        'DE',
        'Germany',
        'EU',
        null,
        'city',
      ])
    for (let host = 1; host <= LARGE.hosts; host++) {
      const isLocal = host <= 50
      const ip = isLocal ? `10.0.0.${host}` : `100.${host >> 8}.${host & 255}.1`
      const place = isLocal ? 1 : 2 + (host % (LARGE.places - 1))
      insert('hosts', [host, ip, isLocal ? 'private' : 'public', place, null, null, FIRST_US, FIRST_US + 6e8, 0, 0, 0, 0, null, null])
    }
    const length = LENGTH
    for (let flow = 1; flow <= flows; flow++) {
      const first = FIRST_US + Math.floor((flow / flows) * (LARGE.ticks - length)) * 1e6
      const bytes = Math.round(10 ** (2 + noise(flow, 3) * 4))
      const application = APPLICATIONS[Math.floor(noise(flow, 4) ** 2 * APPLICATIONS.length)]!
      const server = 51 + Math.floor(noise(flow, 5) ** 2 * (LARGE.hosts - 51))
      const ends = ['tcp', 6, 1 + (flow % 50), 40_000 + (flow % 20_000), server, 443]
      const counts = [length, length, bytes * length, bytes * length, 27, 27]
      insert('flows', [flow, ...ends, first, first + length * 1e6 - 1, ...counts, 'SF', application, 'port', null, null, null, null])
    }
    for (let tick = 0; tick < LARGE.ticks; tick++) {
      // Flows begin in order, so those alive in a tick are neighbours.
      const from = Math.ceil(((tick - length + 1) / (LARGE.ticks - length)) * flows)
      const to = Math.ceil(((tick + 1) / (LARGE.ticks - length)) * flows) - 1
      for (let flow = Math.max(1, from); flow <= Math.min(flows, to); flow++) {
        const bytes = Math.round(10 ** (2 + noise(flow, 3) * 4))
        insert('activity', [tick, flow, 1, 1, bytes, bytes])
      }
    }
    const meta = {
      first_us: FIRST_US,
      last_us: FIRST_US + LARGE.ticks * 1e6 - 1,
      tick_us: 1_000_000,
      ticks: LARGE.ticks,
      packets: flows * 2 * length,
    }
    for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
  })
}
