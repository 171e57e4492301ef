// Queries of rtnvis verify to an untrusted database -> results.
import { openHostile, VERIFY_QUESTIONS } from '../verify/database-questions.ts'
import { answerQuestions } from './question-thread.ts'

answerQuestions(openHostile, VERIFY_QUESTIONS)
