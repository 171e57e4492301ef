// Queries of `rtnvis slice` to an untrusted report -> results.

import { readCaptures, readSlice } from '../../slice/facts.ts'
import { openReportDatabase } from '../../store/report-database.ts'
import { answerQuestions } from './question-thread.ts'

answerQuestions(openReportDatabase, { captures: readCaptures, slice: readSlice })
