// globe.gl draws the sphere here and nothing else: arcs, places and labels are layers of our own. What its other layers import is a third of
// its script, and some of it works as soon as it is there: the grid of a globe that shows none, made four times, took 0.1 s of each opening.
// Each module has a stand-in with the names that three-globe imports.
const WHO = /\/three-globe\/dist\//

const unused = (...names) => names.map((name) => `export const ${name} = () => ({})`).join('\n')

const STAND_INS = {
  // Polygons, hexagons and the globe's grid: a geometry without points.
  'three-geojson-geometry': `export { BufferGeometry as default } from 'three'`,
  'three-conic-polygon-geometry': `export { BufferGeometry as default } from 'three'`,
  'three-slippy-map-globe': `
    import { Group } from 'three'
    export default class extends Group {
      updatePov() {}
      clearTiles() {}
    }`,
  // Asks for animation frames as long as the page is open, drawn or not: one for each layer that has moving parts.
  'frame-ticker': `
    export default class {
      onTick = { add() {} }
      pause() {}
      resume() {}
      dispose() {}
    }`,
  'd3-geo': unused('geoGraticule10', 'geoDistance', 'geoInterpolate'),
  'd3-scale-chromatic': unused('interpolateTurbo'),
  'h3-js': unused('latLngToCell', 'cellToLatLng', 'cellToBoundary', 'polygonToCells'),
}

export function unusedLayers() {
  return {
    name: 'unused-layers',
    enforce: 'pre',
    resolveId: (source, importer) => (WHO.test(importer) && Object.hasOwn(STAND_INS, source) ? `\0stand-in:${source}` : null),
    load: (id) => (id.startsWith('\0stand-in:') ? STAND_INS[id.slice('\0stand-in:'.length)] : null),
  }
}
