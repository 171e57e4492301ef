// "Where was this captured?": says at which place private addresses are drawn, and whether that is only assumed; a reader can say another.
import { parseCoordinates } from '../../../src/geo/coordinates.ts'
import { readRegion } from '../../../src/geo/multilateration.ts'
import { formatOrigin, type Origin, readOrigin } from '../model/origin.ts'
import { placeName, type Report } from '../model/report.ts'
import type { ReportClient } from '../protocol/client.ts'
import type { Session } from '../session/session.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatCount, formatHostile } from '../ui/format.ts'

/** Where the public client with the most bytes is, as --origin auto chooses. */
const BUSIEST_CLIENT = `SELECT p.city, p.region, p.country, p.latitude_deg, p.longitude_deg, p.time_zone FROM flows f
  JOIN hosts h ON h.id = f.client_host_id JOIN places p ON p.id = h.place_id WHERE h.scope = 'public' AND p.precision <> 'origin'
  GROUP BY h.id ORDER BY sum(f.client_bytes + f.server_bytes) DESC, h.id LIMIT 1`

export class OriginChoice {
  readonly #session: Session
  readonly #client: ReportClient
  readonly #moved: (report: Report) => void
  readonly #dialog = byId<HTMLDialogElement>('origin')
  readonly #chip = byId('tray-origin')
  readonly #text = byId<HTMLInputElement>('origin-text')
  readonly #error = byId('origin-error')
  /** As the report says. */
  #own: (Origin & { source: string }) | null = null
  #report: Report | null = null
  #applied = ''
  #isAsking = false

  /** `moved` is called with the report whose arcs begin elsewhere. */
  constructor(session: Session, client: ReportClient, moved: (report: Report) => void) {
    this.#session = session
    this.#client = client
    this.#moved = moved
    this.#chip.addEventListener('click', () => void this.#open())
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close()
    })
    byId('origin-form').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#choose(this.#text.value)
    })
    byId('origin-back').addEventListener('click', () => this.#use(null))
    session.subscribe(() => void this.#follow(), ['options'])
  }

  /** The report as it was opened -> as the link asks. */
  async load(report: Report): Promise<Report> {
    const place = report.places[report.origin]
    if (place) {
      const { latitudeDeg, longitudeDeg, timeZone } = place
      this.#own = { name: placeName(place), latitudeDeg, longitudeDeg, timeZone, source: report.meta.origin_source ?? 'default' }
    }
    const chosen = this.#chosen
    this.#applied = chosen ? formatOrigin(chosen) : ''
    this.#report = chosen && this.#own ? await this.#client.ask('origin', { ...chosen, source: 'page' }) : report
    this.#show()
    return this.#report
  }

  get #chosen(): Origin | null {
    return readOrigin(this.#session.state.options.origin)
  }

  async #follow(): Promise<void> {
    const chosen = this.#chosen
    const text = chosen ? formatOrigin(chosen) : ''
    if (!this.#own || !this.#report || text === this.#applied || this.#isAsking) return
    this.#applied = text
    this.#isAsking = true
    try {
      this.#report = await this.#client.ask('origin', chosen ? { ...chosen, source: 'page' } : this.#own)
    } finally {
      this.#isAsking = false // a failure must not be the end of all later choices
    }
    this.#show()
    this.#moved(this.#report)
    announce(this.#chip.textContent)
    void this.#follow() // chosen anew meanwhile
  }

  #show(): void {
    const { places, origin, isOriginDrawn, meta } = this.#report!
    this.#chip.hidden = !isOriginDrawn
    if (!places[origin]) return
    const name = formatHostile(placeName(places[origin]), 60)
    const isAssumed = meta.origin_source === 'default'
    this.#chip.textContent = `Origin: ${name}${isAssumed ? ' (assumed)' : ''}`
    this.#chip.dataset.assumed = String(isAssumed)
    byId('origin-now').textContent = isAssumed
      ? `Private addresses have no place. They are drawn at ${name}, which is only assumed.`
      : `Private addresses have no place. They are drawn at ${name}${meta.origin_source === 'page' ? ', as chosen here' : ''}.`
    byId('origin-back').hidden = meta.origin_source !== 'page'
    byId('origin-back').textContent = `Back to ${formatHostile(this.#own!.name, 60)}`
  }

  async #open(): Promise<void> {
    this.#error.textContent = ''
    this.#dialog.showModal()
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    this.#offer(
      'origin-zone',
      'Time zone of this device',
      findOption((option) => option.dataset.zone === timeZone),
    )
    const possible = readRegion(this.#report!.meta.origin_region ?? '')
    byId('origin-region').hidden = possible === null
    if (possible !== null)
      byId('origin-region').textContent =
        `Round-trip times say: within ${formatCount(possible.radiusKm)} km of ${possible.latitudeDeg}, ${possible.longitudeDeg}, near ${formatHostile(possible.name, 60)}.`
    const { rows } = await this.#client.ask('sql', { sql: BUSIEST_CLIENT, limit: 1 })
    const [city, region, country, latitude, longitude, zone] = rows[0] ?? []
    if (latitude === undefined) return
    const name = [city ?? region, country].filter((part) => part !== null).join(', ') || `${latitude}, ${longitude}`
    const at = { latitudeDeg: Number(latitude), longitudeDeg: Number(longitude), timeZone: zone === null ? null : String(zone) }
    this.#offer('origin-client', 'The busiest public client', { name, ...at })
  }

  #offer(id: string, what: string, origin: Origin | null): void {
    const button = byId(id)
    button.hidden = origin === null
    if (!origin) return
    button.textContent = `${what}: ${formatHostile(origin.name, 60)}`
    button.onclick = () => this.#use(origin)
  }

  #choose(text: string): void {
    const name = text.trim().toLowerCase()
    const known =
      findOption((option) => option.value.toLowerCase() === name) ??
      findOption((option) => option.value.toLowerCase().startsWith(`${name},`))
    try {
      const at = known ? null : parseCoordinates(text)
      if (known) this.#use(known)
      else if (at) this.#use({ name: `${at.latitudeDeg}, ${at.longitudeDeg}`, timeZone: null, ...at })
      else
        this.#error.textContent =
          'This city is not in the page’s list: capitals and the largest cities. Latitude and longitude name every place.'
    } catch {
      this.#error.textContent = 'Latitude is -90 to 90, longitude -180 to 180, in degrees: 52.52, 13.41'
    }
  }

  #use(origin: Origin | null): void {
    this.#session.option('origin', origin && formatOrigin(origin))
    this.#dialog.close()
  }
}

/** A city of the page's list. */
function findOption(isWanted: (option: HTMLOptionElement) => boolean): Origin | null {
  const option = [...byId<HTMLDataListElement>('origin-cities').options].find(isWanted)
  const [latitudeDeg, longitudeDeg] = option?.dataset.at?.split(',').map(Number) ?? []
  return option && longitudeDeg !== undefined
    ? { name: option.value, latitudeDeg, longitudeDeg, timeZone: option.dataset.zone ?? null }
    : null
}
