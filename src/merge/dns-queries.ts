// Rows of DNS questions of several reports -> those of one analysis: a question that one capture ends with has the answer that the next one begins with.
import { compare } from '../compare.ts'
import type { DnsQuery } from '../names/index.ts'
import type { MergedCaptures } from './captures.ts'
import { rowsOf } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'

interface FoundQuery extends DnsQuery {
  report: number
}

/** @returns by time */
export function mergeDnsQueries({ reports }: MergedCaptures, order: FlowOrder): DnsQuery[] {
  const found = reports.flatMap(({ rows }, report) =>
    Array.from(rowsOf(rows.dnsQueries), ([flow, atUs, name, type, responseCode, answers, answerUs]): FoundQuery => {
      const number = order.numberOf(report, flow)
      return { report, flow: number, atUs, name, type, responseCode, answers, answerUs } as FoundQuery
    }),
  )
  const textOf = ({ name, type, responseCode, answers, answerUs }: DnsQuery) =>
    JSON.stringify([name, type, responseCode, answers, answerUs])
  found.sort((a, b) => a.atUs - b.atUs || a.flow - b.flow || compare(textOf(a), textOf(b)))
  return found.filter(withAnswers(order)).map(({ report: _, ...query }) => query)
}

/**
 * Called with rows by time. Rows have no id of the message: an answer belongs to the last question for the same name of the same conversation that has none.
 * In one report, ids kept the two apart.
 * @returns false for an answer that now is in the row of its question
 */
function withAnswers(order: FlowOrder): (query: FoundQuery) => boolean {
  /** Of conversations of several pieces: questions so far. */
  const asked = new Map<string, FoundQuery[]>()
  return (query) => {
    if (!order.isJoined(query.flow)) return true
    const key = JSON.stringify([query.flow, query.name, query.type])
    const questions = asked.get(key) ?? []
    if (query.responseCode === null || query.answerUs !== null) {
      asked.set(key, questions)
      questions.push(query)
      return true
    }
    const { responseCode, answers, report } = query
    for (let i = questions.length - 1; i >= 0; i--) {
      const question = questions[i]
      if (question.report === report) continue
      if (question.responseCode === null) {
        Object.assign(question, { responseCode, answers, answerUs: query.atUs - question.atUs })
        return false
      }
      // A question that was repeated is answered as often.
      if (question.responseCode === responseCode && question.answers === answers) return false
    }
    return true
  }
}
