// The syntax tree of a statement, as DuckDB's json_serialize_sql() gives it -> whether it only reads. DuckDB locks files and network away, but table functions
// such as enable_logging() change the engine itself, so only those that make rows of their arguments are let through.
import { UsageError } from '../../errors.ts'

/** As the text of a statement gives it. */
interface Serialized {
  error: boolean
  /** 'not implemented': not a SELECT. */
  error_type?: string
  error_message?: string
  statements?: unknown[]
}

const ALLOWED = new Set(['unnest', 'range', 'generate_series', 'repeat', 'parquet_metadata', 'parquet_file_metadata', 'parquet_schema'])

/** @param json answer of json_serialize_sql() @throws UsageError: one line that says what is wrong */
export function checkReadsOnly(json: string): void {
  const { error, error_type, error_message = '', statements = [] } = JSON.parse(json) as Serialized
  if (error && error_type === 'not implemented') throw new UsageError('only SELECT is answered: a lake is read and never changed')
  if (error) throw new UsageError(`the SQL is wrong: ${error_message}`)
  if (statements.length !== 1) throw new UsageError(statements.length === 0 ? 'the SQL is empty' : 'one statement at a time')
  for (const name of tableFunctions(statements[0]))
    if (!ALLOWED.has(name)) throw new UsageError(`${name}() is not allowed: of table functions, ${[...ALLOWED].join(', ')} are`)
}

function* tableFunctions(root: unknown): Generator<string> {
  const waiting = [root]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (typeof node !== 'object' || node === null) continue
    const { type, function: called } = node as { type?: unknown; function?: { function_name?: unknown } }
    if (type === 'TABLE_FUNCTION') yield String(called?.function_name).toLowerCase()
    for (const value of Object.values(node)) waiting.push(value)
  }
}
