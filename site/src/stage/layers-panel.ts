// The switches of the layers: what is chosen stands in the session, and so in the link.
import type { ArcSlices } from '../model/arc-slices.ts'
import type { Report } from '../model/report.ts'
import type { Session } from '../session/session.ts'
import { byId } from '../ui/dom.ts'
import { formatBytes, formatCounted } from '../ui/format.ts'
import { TRAILS, widthOf } from './arc-controller.ts'
import { HEAT_COLOURS, heatField } from './globe/heat.ts'
import { shadeCountries } from './globe/overlay.ts'
import { formatLayers, type Layers, readLayers, USUAL_LAYERS } from './layers.ts'

/** Ties panel and session; `apply` gets the layers now and at every change. */
export function startLayers(session: Session, apply: (layers: Layers) => void): void {
  const panel = byId('layers')
  const button = byId('toggle-layers')
  const boxes = [...panel.querySelectorAll<HTMLInputElement>('[data-layer]')]
  const countries = byId<HTMLSelectElement>('layer-countries')
  const trail = byId<HTMLSelectElement>('trail')
  const open = (isOpen: boolean) => {
    panel.hidden = !isOpen
    document.documentElement.dataset.layers = isOpen ? 'open' : 'closed'
    button.setAttribute('aria-expanded', String(isOpen))
  }
  button.addEventListener('click', () => open(panel.hidden))
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    open(false)
    button.focus()
  })
  const stops = HEAT_COLOURS.map(([at, red, green, blue, alpha]) => `rgb(${red} ${green} ${blue} / ${alpha / 255}) ${at * 100}%`)
  byId('heat-scale').querySelector('i')!.style.background = `linear-gradient(to right, ${stops.join(', ')})`
  const width = byId<HTMLSelectElement>('arc-width')
  width.addEventListener('change', () => session.option('width', width.value === 'bytes' ? null : width.value))
  const read = () => readLayers(session.state.options.layers)
  const write = (layers: Layers) => {
    const text = formatLayers(layers)
    session.option('layers', text === formatLayers(USUAL_LAYERS) ? null : text)
  }
  for (const box of boxes) box.addEventListener('change', () => write({ ...read(), [box.dataset.layer!]: box.checked }))
  countries.addEventListener('change', () => write({ ...read(), countries: countries.value as Layers['countries'] }))
  trail.addEventListener('change', () => session.option('trail', trail.value === 'usual' ? null : trail.value))
  let shown = ''
  const show = () => {
    const layers = read()
    for (const box of boxes) box.checked = layers[box.dataset.layer as keyof Layers] === true
    countries.value = layers.countries
    const { trail: chosen } = session.state.options
    trail.value = chosen && chosen in TRAILS ? chosen : 'usual'
    width.value = widthOf(session.state.options.width)
    const text = formatLayers(layers)
    if (text === shown) return
    shown = text
    apply(layers)
  }
  session.subscribe(show, ['options'])
  show()
}

/** The scales of shading and heat: what the palest and the strongest colour stand for. */
export function showScales(layers: Layers, report: Report, slices: ArcSlices): void {
  const shades = layers.countries === 'off' ? [] : shadeCountries(report, slices, layers.countries)
  const text = (value: number) => (layers.countries === 'bytes' ? formatBytes(value) : formatCounted(value, 'host'))
  showScale('shade', shades.length > 0 && [text(shades.at(-1)!.value), text(shades[0].value)])
  const heat = layers.heat ? heatField(report.places, slices.placeBytes) : null
  showScale('heat', heat !== null && heat.most > 0 && [formatBytes(heat.least), formatBytes(heat.most)])
}

function showScale(id: 'shade' | 'heat', ends: [least: string, most: string] | false): void {
  byId(`${id}-scale`).hidden = !ends
  if (!ends) return
  byId(`${id}-least`).textContent = ends[0]
  byId(`${id}-most`).textContent = ends[1]
}
