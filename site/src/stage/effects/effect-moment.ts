// A moment of the stage -> the moment of its effects: they stand still where the reader wants no motion.
import type { EffectMoment } from '../../model/effects.ts'
import type { Moment } from '../renderer.ts'

const isReduced = matchMedia('(prefers-reduced-motion: reduce)')

export function effectMoment({ seconds, rate }: Moment): EffectMoment {
  return { seconds, rate, isStill: isReduced.matches }
}
