// A small flat map with a few places, and lines from the first place to the others.
import { geoNaturalEarth1 } from 'd3-geo'
import { placeName, type ReportPlace } from '../../model/report.ts'
import { atOnce } from '../../protocol/time-slicing.ts'
import type { Player } from '../../session/view.ts'
import { drawEarth } from '../../stage/globe/earth.ts'
import { formatHostile } from '../../ui/format.ts'
import { colourOf, SURFACES } from '../../ui/palette.ts'

const WIDTH = 560
const HEIGHT = 280

export function drawSmallMap(player: Player, places: ReportPlace[]): HTMLElement {
  const canvas = document.createElement('canvas')
  canvas.className = 'small-map'
  canvas.width = WIDTH * 2
  canvas.height = HEIGHT * 2
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', `Map: ${places.map((place) => formatHostile(placeName(place), 60)).join('; ')}`)
  const context = canvas.getContext('2d')!
  const surface = SURFACES[player.theme()]
  const projection = geoNaturalEarth1().fitExtent(
    [
      [8, 8],
      [WIDTH * 2 - 8, HEIGHT * 2 - 8],
    ],
    { type: 'Sphere' },
  )
  atOnce(drawEarth(context, projection, surface, 1))
  const points = places.map((place) => projection([place.longitudeDeg, place.latitudeDeg])!)
  context.strokeStyle = colourOf(player.theme(), 0)
  context.lineWidth = 2.5
  context.globalAlpha = 0.6
  for (const [x, y] of points.slice(1)) {
    const [fromX, fromY] = points[0]
    context.beginPath()
    context.moveTo(fromX, fromY)
    context.quadraticCurveTo((fromX + x) / 2, Math.min(fromY, y) - Math.abs(x - fromX) * 0.18, x, y)
    context.stroke()
  }
  context.globalAlpha = 1
  points.forEach(([x, y], index) => {
    const isOrigin = places[index].precision === 'origin'
    context.beginPath()
    context.arc(x, y, index === 0 ? 9 : 6, 0, 2 * Math.PI)
    context.fillStyle = isOrigin ? surface.origin : surface.place
    context.fill()
    context.lineWidth = 3
    context.strokeStyle = surface.ocean
    context.stroke()
    if (places[index].precision !== 'country') return
    // A dashed ring shows that only the country is known, so its centre is not the exact place.
    context.setLineDash([4, 4])
    context.strokeStyle = surface.place
    context.lineWidth = 2
    context.beginPath()
    context.arc(x, y, 18, 0, 2 * Math.PI)
    context.stroke()
    context.setLineDash([])
  })
  return canvas
}
