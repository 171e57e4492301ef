// Path of a large database -> how healthy the connections to its servers were (HealthRow[]), while the main thread reads the other facts of its report.
import { fstatSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { HEALTH_ROWS } from '../../report/index.ts'
import { readHealth } from '../../store/read-hosts.ts'
import { borrowBytes, loadSqlite } from '../database/sqlite.ts'
import { FileBytes } from '../output/database-file.ts'

const file = openSync(workerData as string, 'r')
const openDatabase = await loadSqlite()
parentPort!.postMessage(readHealth(openDatabase(borrowBytes(new FileBytes(file, fstatSync(file).size))), HEALTH_ROWS))
