// Sparks and pulses on a canvas at a moment: of the map and of the local network, as the globe draws them (globe-effects.ts).
import {
  beatLight,
  beatRadius,
  type EffectMoment,
  type Effects,
  lifeOf,
  rangeAt,
  sparkLight,
  sparkRadius,
  UNSEEN,
} from '../../model/effects.ts'
import { ALERT, type Theme } from '../../ui/palette.ts'
import { sparkCore } from './spark-core.ts'

/** CSS pixels: half a spark with its glow. */
const SPARK = 3.6

/** Pixels of its image. */
const IMAGE = 36

export interface EffectScene {
  effects: Effects
  moment: EffectMoment
  theme: Theme
  /** Where a mark's far end is, CSS pixels; null: it is not on this picture. */
  onScreen(mark: number): readonly [x: number, y: number] | null
  /** How much farther than usual a mark's figure is from its middle, CSS pixels: around large dots. */
  margin(mark: number): number
  /** Whether something else is in focus. */
  isDim(mark: number): boolean
}

export function drawEffects(context: CanvasRenderingContext2D, scene: EffectScene): void {
  const { effects, moment, theme } = scene
  const { angle, isUdp } = effects.marks
  const [from, to] = rangeAt(effects, moment)
  const spark = sparkOf(theme)
  context.strokeStyle = ALERT[theme]
  context.lineWidth = 1.6
  for (let mark = from; mark < to; mark++) {
    const life = lifeOf(effects, mark, moment)
    const middle = life === UNSEEN ? null : scene.onScreen(mark)
    if (!middle) continue
    const dim = scene.isDim(mark) ? 0.15 : 1
    const margin = scene.margin(mark)
    if (angle[mark] < 0) {
      context.globalAlpha = beatLight(life) * dim
      context.beginPath()
      context.arc(middle[0], middle[1], beatRadius(life) + margin, 0, 2 * Math.PI)
      context.stroke()
      continue
    }
    const radius = sparkRadius(isUdp[mark] === 1, life) + margin
    const x = middle[0] + Math.sin(angle[mark]) * radius
    const y = middle[1] - Math.cos(angle[mark]) * radius
    context.globalAlpha = sparkLight(life) * dim
    context.drawImage(spark, x - SPARK, y - SPARK, 2 * SPARK, 2 * SPARK)
  }
  context.globalAlpha = 1
}

const images = new Map<Theme, HTMLCanvasElement>()

/** A spark's image, made once: a canvas copies faster than it fills with gradients. */
function sparkOf(theme: Theme): HTMLCanvasElement {
  const known = images.get(theme)
  if (known) return known
  const image = document.createElement('canvas')
  image.width = image.height = IMAGE
  const context = image.getContext('2d')!
  const middle = IMAGE / 2
  const glow = context.createRadialGradient(middle, middle, 0, middle, middle, middle)
  const core = sparkCore(theme)
  glow.addColorStop(0, core)
  glow.addColorStop(0.3, core)
  glow.addColorStop(0.45, `${ALERT[theme]}48`)
  glow.addColorStop(1, `${ALERT[theme]}00`)
  context.fillStyle = glow
  context.fillRect(0, 0, IMAGE, IMAGE)
  images.set(theme, image)
  return image
}
