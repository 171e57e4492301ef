// Questions of rtnvis verify to a database that may be anything -> answers.
import { openHostile, VERIFY_QUESTIONS } from '../verify/database-questions.ts'
import { answerQuestions } from './question-thread.ts'

answerQuestions(openHostile, VERIFY_QUESTIONS)
