// What the page and its worker say to each other.
import type { Filter, Report } from '../player/report.ts'
import type { FlowList, FlowQuery } from './flow-list.ts'
import type { Span, Tally } from './tally.ts'

export interface Questions {
  tally: { question: { span: Span; filter: Filter }; answer: Tally }
  flows: { question: FlowQuery; answer: FlowList }
  csv: { question: FlowQuery; answer: string }
  database: { question: null; answer: Uint8Array<ArrayBuffer> }
}

export type ToWorker =
  | { type: 'begin'; bytes: number; parts: number }
  /** `offset` and `length` place the part's inflated bytes in the database. */
  | { type: 'part'; base64: string; offset: number; length: number }
  | { type: 'ask'; id: number; about: keyof Questions; question: unknown }

export type FromWorker =
  | { type: 'opened'; report: Report }
  | { type: 'failed'; message: string }
  | { type: 'answer'; id: number; answer: unknown }
  | { type: 'refused'; id: number; message: string }
