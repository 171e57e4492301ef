// Queries of rtnvis merge and rtnvis detect to an untrusted database -> its rows.
import { buffersOfRows, readReportRows } from '../../merge/report-rows.ts'
import { openReportDatabase } from '../../store/report-database.ts'
import { answerQuestions, Moved } from './question-thread.ts'

answerQuestions(openReportDatabase, {
  rows: (database, _values, _openDatabase, file) => {
    const rows = readReportRows(database, file)
    return new Moved(rows, buffersOfRows(rows))
  },
})
