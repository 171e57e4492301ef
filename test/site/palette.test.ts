// Colours: enough contrast for AA, and the same application keeps its colour.
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { COLOUR_COUNT, colourOf, colourSlots, OTHERS, SURFACES, type Theme } from '../../site/src/ui/palette.ts'
import { contrast } from '../support/contrast.ts'

const THEMES: Theme[] = ['dark', 'light']

describe.each(THEMES)('%s', (theme) => {
  it('draws arcs that stand out from land and sea (3:1)', () => {
    for (let slot = 0; slot < COLOUR_COUNT; slot++)
      for (const ground of [SURFACES[theme].ocean, SURFACES[theme].land])
        expect(contrast(colourOf(theme, slot), ground), `slot ${slot} on ${ground}`).toBeGreaterThanOrEqual(3)
  })

  it('writes text that can be read (4.5:1)', async () => {
    const sheet = await readFile(new URL('../../site/src/ui/base.css', import.meta.url), 'utf8')
    const token = (name: string) => {
      const [, light, dark] = sheet.match(new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`))!
      return theme === 'light' ? light : dark
    }
    for (const text of ['text', 'quiet'])
      for (const ground of ['ground', 'raised', 'hover']) expect(contrast(token(text), token(ground))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token('quiet'), token('bar'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token('on-accent'), token('accent'))).toBeGreaterThanOrEqual(4.5)
  })
})

describe('colours of applications', () => {
  it('are the usual ones whatever the order', () => {
    expect(colourSlots(['dns', 'tls'])).toEqual([3, 0])
    expect(colourSlots(['tls', 'dns'])).toEqual([0, 3])
    expect(colourSlots(['constructor', 'dns'])).toEqual([0, 3])
  })

  it('are different for the first seven, shared by the others', () => {
    const slots = colourSlots(['a', 'b', 'tls', 'c', 'd', 'dns', 'e', 'quic', 'ssh'])
    expect(new Set(slots.slice(0, OTHERS)).size).toBe(OTHERS)
    expect(slots.slice(OTHERS)).toEqual([OTHERS, OTHERS])
  })
})
