// Queries of rtnvis export to an untrusted database -> records in files.
import { openReportDatabase } from '../../store/report-database.ts'
import { writeExport } from '../database/export-question.ts'
import { answerQuestions } from './question-thread.ts'

answerQuestions(openReportDatabase, { export: writeExport })
