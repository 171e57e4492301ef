// A report with 50,000 arcs at every moment, made by formula: 250 places, each pair of 250 x 200 talks all the time.
import { FIRST_US, makeDatabase } from './sample-database.ts'

export const CROWDED = { sources: 250, targets: 200, ticks: 8, tickUs: 10_000_000 }

export async function makeCrowdedDatabase(): Promise<Uint8Array> {
  const { sources, targets, ticks, tickUs } = CROWDED
  const lastUs = FIRST_US + ticks * tickUs - 1
  const applications = ['tls', 'quic', 'dns', 'http', 'ssh', 'smtp']
  return makeDatabase((insert) => {
    const hosts = sources + targets
    for (let place = 1; place <= hosts; place++) {
      // Evenly over the globe: a spiral of the golden angle.
      const latitude = (Math.asin(1 - (2 * (place - 0.5)) / hosts) * 180) / Math.PI
      const longitude = ((place * 137.50776) % 360) - 180
      insert('places', [place, latitude, longitude, 20, `City ${place}`, null, 'DE', 'Germany', 'EU', null, 'city'])
      const ip = `100.${64 + (place >> 8)}.${place & 255}.1`
      insert('hosts', [place, ip, 'public', place, null, null, FIRST_US, lastUs, 0, 0, 0, 0, null, null])
    }
    let flow = 0
    for (let source = 1; source <= sources; source++)
      for (let target = sources + 1; target <= hosts; target++) {
        flow++
        const bytes = 1000 * (1 + (flow % 977)) * ticks
        const ends = ['tcp', 6, source, 40_000 + (flow % 20_000), target, 443]
        const application = applications[flow % applications.length]
        insert('flows', [
          flow,
          ...ends,
          FIRST_US,
          lastUs,
          ticks,
          ticks,
          bytes,
          bytes,
          27,
          27,
          'SF',
          application,
          'port',
          null,
          null,
          null,
          null,
        ])
      }
    for (let tick = 0; tick < ticks; tick++)
      for (let each = 1; each <= flow; each++) insert('activity', [tick, each, 1, 1, 1000 * (1 + (each % 977)), 1000 * (1 + (each % 977))])
    const meta = { first_us: FIRST_US, last_us: lastUs, tick_us: tickUs, ticks, packets: flow * ticks * 2 }
    for (const [key, value] of Object.entries(meta)) insert('meta', [key, String(value)])
  })
}
