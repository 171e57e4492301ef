// Queries of rtnvis merge and rtnvis detect to an untrusted database -> its rows.
import { buffersOf } from '../../merge/cell-table.ts'
import { readReportRows, readTimelineRows } from '../../merge/report-rows.ts'
import { openReportDatabase } from '../../store/report-database.ts'
import { answerQuestions, Moved } from './question-thread.ts'

answerQuestions(openReportDatabase, {
  rows: (database, _values, _openDatabase, file) => {
    const rows = readReportRows(database, file)
    return new Moved(rows, buffersOf([rows.places, rows.hosts, rows.flows, rows.tcp, rows.names]))
  },
  timeline: (database, untilUs: number, _openDatabase, file) => {
    const rows = readTimelineRows(database, file, untilUs)
    return new Moved(rows, buffersOf([rows.activity, rows.retransmissions, rows.packets]))
  },
})
