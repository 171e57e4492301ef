// `node site/build/city-lights.mjs`: the lights of cities in NASA's picture of the earth at night (three-globe has it) -> site/src/stage/globe/city-lights.webp,
// whose alpha is their strength. Run it again only to change it: the result is part of the repository.
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const PICTURE = fileURLToPath(new URL('../../node_modules/three-globe/example/img/earth-night.jpg', import.meta.url))
const OUT = fileURLToPath(new URL('../src/stage/globe/city-lights.webp', import.meta.url))
const WIDTH = 2048

/** The picture's land, sea and ice are blue: nearly all that is red is light. */
const FLOOR = 26
const FULL = 120

const { data, info } = await sharp(PICTURE).removeAlpha().raw().toBuffer({ resolveWithObject: true })
const light = Buffer.alloc(info.width * info.height)
for (let at = 0; at < light.length; at++) {
  const strength = Math.min(1, Math.max(0, (data[3 * at] - FLOOR) / (FULL - FLOOR)))
  light[at] = Math.round(255 * strength ** 0.7)
}
const small = await sharp(light, { raw: { width: info.width, height: info.height, channels: 1 } })
  .resize(WIDTH)
  .toColourspace('b-w')
  .raw()
  .toBuffer()
const pixels = Buffer.alloc(small.length * 4, 255)
for (let at = 0; at < small.length; at++) pixels[4 * at + 3] = small[at]
await sharp(pixels, { raw: { width: WIDTH, height: WIDTH / 2, channels: 4 } })
  .webp({ quality: 20, alphaQuality: 70, effort: 6 })
  .toFile(OUT)
