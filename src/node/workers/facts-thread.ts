// Path of a large database -> the facts of its report without the health of servers, which the main thread reads meanwhile: its SQLite is compiled already.
import { fstatSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { summarize } from '../../report/index.ts'
import { borrowBytes, loadSqlite } from '../database/sqlite.ts'
import { FileBytes } from '../output/database-file.ts'

parentPort!.ref() // it does not end by itself (answering-thread.ts)
const file = openSync(workerData as string, 'r')
const openDatabase = await loadSqlite()
parentPort!.postMessage(summarize(openDatabase(borrowBytes(new FileBytes(file, fstatSync(file).size))), []))
