// One function for each kind of question. Generators are run in slices: the worker receives other messages between two of their steps.
import { readSlice } from '../../../../src/slice/facts.ts'
import type { SqlDatabase } from '../../../../src/types.ts'
import { buildArcSlices } from '../../model/build-arc-slices.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { growReport } from '../live/grow.ts'
import { makeFile } from '../tables/files.ts'
import { findRow, listTable, readPage } from '../tables/index.ts'
import { complete } from './complete.ts'
import { readDashboard } from './dashboard.ts'
import { describeFlow, describeHost, listAlerts } from './details.ts'
import { fillDigests } from './digests.ts'
import { findEffects } from './effects.ts'
import { flowsCsv, listFlows } from './flow-list.ts'
import { readHealth } from './health.ts'
import { listIncidents } from './incidents.ts'
import { drawLocal } from './local.ts'
import { describeMatching } from './matching.ts'
import { buildMatrix, matrixCsv } from './matrix.ts'
import { moveOrigin } from './origin.ts'
import { readRates } from './rates.ts'
import { runSql } from './sql.ts'
import { describeStation } from './stations.ts'
import { tellStory } from './story.ts'
import { buildTimeMaps } from './time-maps.ts'
import { tally } from './totals.ts'
import { translate } from './translate.ts'
import { buildWholePicture } from './whole-picture.ts'

export type Answerer<About extends keyof Questions> = (
  report: OpenReport,
  question: Questions[About]['question'],
) => Questions[About]['answer'] | Generator<void, Questions[About]['answer']>

export const ANSWERS: { [About in keyof Questions]: Answerer<About> } = {
  slices: ({ drawnSource, matches }, { filterText, ...options }) =>
    buildArcSlices(drawnSource, filterText === '' ? null : matches.mask(filterText), options),
  whole: buildWholePicture,
  effects: findEffects,
  story: ({ database, rows }) => tellStory(database, rows.shownEra === null ? undefined : rows.eras[rows.shownEra]),
  match: describeMatching,
  local: drawLocal,
  origin: moveOrigin,
  tally: ({ rows, matches }, { span, filterText }) => tally(rows, span, matches.mask(filterText)),
  flows: listFlows,
  csv: flowsCsv,
  list: listTable,
  page: readPage,
  find: findRow,
  file: makeFile,
  live: growReport,
  complete,
  translate,
  packets: ({ database }, choice) => readSlice(database as SqlDatabase, choice),
  alerts: listAlerts,
  incidents: listIncidents,
  host: describeHost,
  station: describeStation,
  flow: describeFlow,
  digests: fillDigests,
  database: ({ database }) => database.export() as Uint8Array<ArrayBuffer>,
  matrix: buildMatrix,
  matrixCsv,
  timeMaps: buildTimeMaps,
  rates: readRates,
  dashboard: readDashboard,
  health: readHealth,
  sql: ({ database }, question) => runSql(database, question),
}
