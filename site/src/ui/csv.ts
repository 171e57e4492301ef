// Rows -> CSV, as `rtnvis export` writes it.
export { type Cell, formatCell, formatCsv } from '../../../src/csv.ts'
