// Colours: two themes for the drawings, and one colour for each application. The hues are Okabe and Ito's colour-blind-safe set.
import { ownValue } from '../../../src/own-value.ts'

export type Theme = 'dark' | 'light'

export interface Surface {
  ocean: string
  land: string
  border: string
  graticule: string
  /** Rim of the globe and glow around it, RGB, 0 to 1. */
  rim: [number, number, number]
  place: string
  /** Outline of a dot. */
  placeEdge: string
  origin: string
  label: string
  labelEdge: string
  /** Colour of countries; more traffic makes it stronger. */
  shade: string
  /** Background when a picture is saved. */
  page: string
}

export const SURFACES: Record<Theme, Surface> = {
  dark: {
    ocean: '#0a1424',
    land: '#1d3050',
    border: '#36547f',
    graticule: '#122037',
    rim: [0.25, 0.55, 1],
    place: '#cfe3ff',
    placeEdge: '#06101f',
    origin: '#ffffff',
    label: '#e8eefb',
    labelEdge: '#05080f',
    shade: '#3f9be8',
    page: '#070c17',
  },
  light: {
    ocean: '#dbe7f4',
    land: '#fbfcfe',
    border: '#b9c8da',
    graticule: '#cfdeee',
    rim: [0.45, 0.62, 0.86],
    place: '#33475f',
    placeEdge: '#ffffff',
    origin: '#0b1b33',
    label: '#0f1c30',
    labelEdge: '#f6f9fd',
    shade: '#1668b8',
    page: '#f3f6fb',
  },
}

/** Contrast: in the dark theme at least 4.5:1 against the panels, in the light theme at least 3:1 (WCAG: graphics). */
const COLOURS: Record<Theme, string[]> = {
  dark: ['#56b4e9', '#e69f00', '#2fc79a', '#f0e442', '#ff7f50', '#e08ac0', '#8c9eff', '#a9b7c9'],
  light: ['#1479b8', '#b36b00', '#00805c', '#8a7a00', '#c2410c', '#b0447f', '#4453c7', '#5d6b7e'],
}

/** Colour of arcs that belong to an alert, for every application. */
export const ALERT: Record<Theme, string> = { dark: '#ff3d5e', light: '#d3002f' }

/** Number of colours; the last is for all other applications. */
export const COLOUR_COUNT = COLOURS.dark.length

/** Preferred colour slots, so that an application has the same colour in most reports. */
const USUAL: Record<string, number> = { tls: 0, http: 1, quic: 2, dns: 3, ssh: 4, smtp: 5, imap: 5, icmp: 6, icmpv6: 6 }

/** Slot of applications without a colour of their own. */
export const OTHERS = COLOUR_COUNT - 1

/** Colour slot of each application, given in order of bytes: the first ones get a slot each, their preferred one if it is free. */
export function colourSlots(applications: string[]): number[] {
  const first = applications.slice(0, OTHERS)
  const slots = new Array<number>(applications.length).fill(OTHERS)
  const free = new Set(Array.from({ length: OTHERS }, (_, slot) => slot))
  first.forEach((name, index) => {
    const usual = ownValue(USUAL, name)
    if (usual !== undefined && free.delete(usual)) slots[index] = usual
  })
  first.forEach((_, index) => {
    if (slots[index] !== OTHERS) return
    const [next] = free
    free.delete(next)
    slots[index] = next
  })
  return slots
}

/** "#rrggbb" of a slot. */
export function colourOf(theme: Theme, slot: number): string {
  return COLOURS[theme][slot] ?? COLOURS[theme][COLOUR_COUNT - 1]
}

/** "#rrggbb" -> RGB 0 to 1. */
export function rgbOf(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16)
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255]
}
