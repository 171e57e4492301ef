// DNS and NetBIOS questions and answers -> one row per question; bounded.
import type { DnsPayload } from './dns-payload.ts'

/** Rows kept; further questions are only counted. */
const MAX_ROWS = 200_000
/** Answers with data kept. */
const MAX_PAYLOADS = 50_000
/** Characters kept of different names and answers: with long answers the rows could need a gigabyte. */
const MAX_CHARACTERS = 32_000_000

/** The common fields of DNS and NetBIOS name service messages. */
export interface LoggedMessage {
  id: number
  isResponse: boolean
  responseCode: string
  questions: { name: string; type: string }[]
  /** Addresses and names of the answers, space separated. */
  answers: string
  /** What records for any data hold. */
  payload?: DnsPayload | null
}

/** An answer whose records hold encoded data. */
export interface DnsAnswerData extends DnsPayload {
  flow: number
  atUs: number
  name: string
  type: string
}

export interface DnsQuery {
  flow: number
  atUs: number
  name: string
  type: string
  responseCode: string | null
  answers: string | null
  /** Microseconds from the question to its answer; null where one of them was not seen. Of a question that was repeated, from the first. */
  answerUs: number | null
}

export class DnsLog {
  readonly rows: DnsQuery[] = []
  readonly answerData: DnsAnswerData[] = []
  leftOut = 0
  /** Row of the last question, by flow and message id. */
  private readonly pending = new Map<number, number>()
  /** Each text once, because questions repeat. V8 keeps a concatenated string as its parts until it is flattened; a Map key is flattened. */
  private readonly texts = new Map<string, string>()
  private characters = 0

  add(flow: number, timeUs: number, message: LoggedMessage): void {
    if (message.questions.length === 0) return
    if (message.isResponse && message.payload && this.answerData.length < MAX_PAYLOADS)
      this.answerData.push({ flow, atUs: timeUs, ...message.questions[0], ...message.payload })
    if (this.isFull) {
      this.addBeyond(flow, timeUs, message)
      return
    }
    // Ids have 16 bits, so that this is exact up to 2^37 flows.
    const key = flow * 0x10000 + message.id
    const asked = this.pending.get(key)
    const isSame = asked !== undefined && this.isAbout(asked, message)
    if (message.isResponse) {
      if (isSame && this.rows[asked].responseCode === null)
        for (let i = 0; i < message.questions.length; i++) this.answer(this.rows[asked + i], message, timeUs)
      // A question that was repeated is answered as often; another answer may be somebody else's.
      else if (!isSame || this.rows[asked].answers !== message.answers || this.rows[asked].responseCode !== message.responseCode)
        for (const { name, type } of message.questions)
          this.push({ flow, atUs: timeUs, name, type, ...this.answerOf(message), answerUs: null })
      return
    }
    // The same id and question again, without an answer yet, is a retransmission; multicast questions all have id 0.
    if (isSame && this.rows[asked].responseCode === null && message.id !== 0) return
    this.pending.set(key, this.rows.length)
    for (const { name, type } of message.questions)
      this.push({ flow, atUs: timeUs, name, type, responseCode: null, answers: null, answerUs: null })
  }

  /** Whether a question for this name was seen. */
  hasName(name: string): boolean {
    return this.texts.has(name)
  }

  /** Beyond the limit: an answer still completes its question's row, a new question is only counted. */
  private addBeyond(flow: number, timeUs: number, message: LoggedMessage): void {
    const key = flow * 0x10000 + message.id
    const asked = message.isResponse ? this.pending.get(key) : undefined
    if (!message.isResponse) this.leftOut += message.questions.length
    if (asked === undefined) return
    if (this.rows[asked].responseCode === null && this.isAbout(asked, message))
      for (let i = 0; i < message.questions.length; i++) this.answer(this.rows[asked + i], message, timeUs)
  }

  private isAbout(row: number, message: LoggedMessage): boolean {
    return message.questions.every(({ name, type }, i) => this.rows[row + i]?.name === name && this.rows[row + i].type === type)
  }

  private answer(row: DnsQuery, message: LoggedMessage, timeUs: number): void {
    // Packets of merged captures may be out of order.
    Object.assign(row, this.answerOf(message), { answerUs: timeUs >= row.atUs ? timeUs - row.atUs : null })
  }

  private push(row: DnsQuery): void {
    if (this.isFull) this.leftOut++
    else this.rows.push({ ...row, name: this.keep(row.name) })
  }

  private answerOf(message: LoggedMessage): { responseCode: string; answers: string } {
    return { responseCode: message.responseCode, answers: this.characters < MAX_CHARACTERS ? this.keep(message.answers) : '' }
  }

  private get isFull(): boolean {
    return this.rows.length >= MAX_ROWS || this.characters >= MAX_CHARACTERS
  }

  private keep(text: string): string {
    const known = this.texts.get(text)
    if (known !== undefined) return known
    this.texts.set(text, text)
    this.characters += text.length
    return text
  }
}
