// Query of rtnvis merge and rtnvis detect to an untrusted database -> its rows.
import { readReportRows } from '../../merge/report-rows.ts'
import { openReportDatabase } from '../../store/report-database.ts'
import { answerQuestions } from './question-thread.ts'

answerQuestions(openReportDatabase, {
  rows: (database, _values, _openDatabase, file) => readReportRows(database, file),
})
