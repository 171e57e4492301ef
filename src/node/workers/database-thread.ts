// Queries to untrusted reports -> results, for the server and --baseline.

import { readBaseline } from '../../store/read-baseline.ts'
import { DatabaseError, openReportDatabase } from '../../store/report-database.ts'
import { QUESTIONS } from '../serve/questions.ts'
import { type Answers, answerQuestions } from './question-thread.ts'

/** Limit of one result; the thread's heap (database-threads.ts) is the other limit. */
const ANSWER_CHARACTERS = 64 << 20

const ofServer: Answers = Object.fromEntries(
  Object.entries(QUESTIONS).map(([question, answer]) => [
    question,
    (database, values) => {
      const text = answer(database, values)
      if (text.length > ANSWER_CHARACTERS)
        throw new DatabaseError('unusable', `an answer from it has ${text.length} characters, which is too many: request less`)
      return text
    },
  ]),
)

answerQuestions(openReportDatabase, { ...ofServer, baseline: (database, name) => readBaseline(database, name) })
