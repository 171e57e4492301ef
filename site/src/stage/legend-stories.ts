// The report's findings -> one entry a story, for the legend and for exported pictures.
import { SEVERITIES } from '../../../src/types.ts'
import type { AlertMark } from '../model/report.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'

export interface StoryEntry {
  name: string
  /** What its arcs are about. */
  shows: string
  /** What shows it alone, in the filter language. */
  term: string
}

/** Stories with an entry of their own; the others share the last one. */
const MOST = 3

/** Gravest first. Stories that draw no arc, and those that are only told (info), have no entry. */
export function storyEntries(alerts: readonly AlertMark[]): StoryEntry[] {
  const stories = new Map<number, AlertMark[]>()
  for (const alert of alerts) {
    if (alert.severity === 'info' || alert.routes.length === 0) continue
    const story = stories.get(alert.storyId) ?? []
    stories.set(alert.storyId, story)
    story.push(alert)
  }
  const sorted = [...stories.values()].map((story) => story.sort(byGravity)).sort(([a], [b]) => byGravity(a, b))
  const own = sorted.slice(0, sorted.length === MOST + 1 ? sorted.length : MOST)
  const rest = sorted.slice(own.length).flat()
  return [
    ...own.map((story) => entryOf(story)),
    ...(rest.length > 0
      ? [
          {
            name: formatCounted(sorted.length - own.length, 'other story', 'other stories'),
            shows: 'what the other findings are about',
            term: termOf(rest),
          },
        ]
      : []),
  ]
}

function entryOf(story: AlertMark[]): StoryEntry {
  const [gravest] = story
  const more = story.length > 1 ? ` With it: ${formatCounted(story.length - 1, 'other finding')}.` : ''
  const who = gravest.source ?? gravest.target
  return {
    name: `${gravest.rule}${who === null ? '' : ` ${formatHostile(who, 40)}`}`,
    shows: `what this is about: ${formatHostile(gravest.title, 300)}${more}`,
    term: termOf(story),
  }
}

function termOf(alerts: AlertMark[]): string {
  return `alert:${alerts
    .map(({ id }) => id)
    .sort((a, b) => a - b)
    .join(',')}`
}

function byGravity(a: AlertMark, b: AlertMark): number {
  return gravity(b) - gravity(a) || a.firstUs - b.firstUs || a.id - b.id
}

const gravity = ({ severity }: AlertMark) => (SEVERITIES as readonly string[]).indexOf(severity)
