// The open database -> what happened, in sentences: the same code that writes report.html.
import type { Database } from 'sql.js'
import type { Span } from '../../../../src/flows/spans.ts'
import { printable } from '../../../../src/report/figures.ts'
import { readStoryFacts } from '../../../../src/report/index.ts'
import { type Sentence, storyOf } from '../../../../src/report/story.ts'

/** `shown`: the part of a capture whose clock jumped. [] for a database of an older program, which has not all of the tables. */
export function tellStory(database: Database, shown?: Span): Sentence[] {
  try {
    return storyOf(printable(readStoryFacts(database, undefined, undefined, shown)))
  } catch {
    return []
  }
}
