// The colour of a spark's middle: that of findings; in the dark theme a lighter one, so that it is seen on their arcs.
import { ALERT, type Theme } from '../../ui/palette.ts'

const LIGHT = '#ff9fb0'

export function sparkCore(theme: Theme): string {
  return theme === 'dark' ? LIGHT : ALERT.light
}
