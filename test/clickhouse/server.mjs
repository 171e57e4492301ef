// ClickHouse's engine (chdb) behind as much of its HTTP interface as its client uses: queries, settings and parameters in the URL, a user with a password.
// node server.mjs FOLDER -> prints its port. Each request has a connection of its own, as ClickHouse gives it, so that settings end with it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Session } from 'chdb'

const folder = process.argv[2]
const USER = 'default'
const PASSWORD = process.env.CLICKHOUSE_TEST_PASSWORD ?? ''
/** Parameters of a request that are not settings. */
const OWN = new Set(['query', 'database', 'query_id', 'session_id', 'default_format', 'role'])
/** Of the protocol or of a server, which a library does not have. */
const WITHOUT_EFFECT = new Set([
  'cancel_http_readonly_queries_on_client_close',
  'enable_http_compression',
  'wait_end_of_query',
  'http_write_exception_in_output_format',
])
const STATUS = { 60: 404, 81: 404, 497: 403, 516: 403 }
const BODY = join(folder, 'body')
/** Inserts until it goes away: for a test. */
let left = Infinity

mkdirSync(folder, { recursive: true })
const data = join(folder, 'data')
/** Keeps the engine open. */
new Session(data)

const server = createServer({ maxHeaderSize: 1 << 20 }, async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://server')
  if (pathname === '/ping') return response.end('Ok.\n')
  if (pathname === '/go-away') {
    left = Number(searchParams.get('after'))
    return response.end()
  }
  try {
    const chunks = []
    for await (const chunk of request) {
      chunks.push(chunk)
      if (left === 0) return request.socket.destroy()
    }
    if (left === 0) return request.socket.destroy()
    if (searchParams.get('query')?.startsWith('INSERT')) left--
    const body = Buffer.concat(chunks)
    if (!isKnown(request.headers.authorization))
      return fail(
        response,
        516,
        `${USER}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`,
      )
    const inUrl = searchParams.get('query')
    const answer = inUrl === null ? run(searchParams, body.toString()) : insert(searchParams, inUrl, body)
    response.setHeader('content-type', 'text/plain; charset=UTF-8')
    response.end(answer)
  } catch (error) {
    const [, code = '1000'] = /Code: (\d+)/.exec(error.message) ?? []
    fail(response, code, error.message.replace(/^Query failed: (Code: \d+\. )?(DB::Exception: )?/, ''))
  }
})

function fail(response, code, message) {
  response.writeHead(STATUS[code] ?? 500, { 'x-clickhouse-exception-code': String(code) })
  response.end(`Code: ${code}. DB::Exception: ${message}\n`)
}

function isKnown(authorization = '') {
  return Buffer.from(authorization.replace('Basic ', ''), 'base64').toString() === `${USER}:${PASSWORD}`
}

/** The client sends the rows of an insert as the body; the engine reads them from a file. */
function insert(parameters, query, body) {
  if (!/ FORMAT Parquet\s*$/.test(query)) return run(parameters, `${query}\n${body}`)
  writeFileSync(BODY, body)
  try {
    return run(parameters, query.replace(/\s+FORMAT Parquet\s*$/, ` FROM INFILE '${BODY}' FORMAT Parquet`))
  } finally {
    rmSync(BODY)
  }
}

function run(parameters, query) {
  const session = new Session(data)
  try {
    if (parameters.has('database')) session.query(`USE \`${parameters.get('database').replaceAll('`', '')}\``)
    const all = [...parameters].filter(([name]) => !OWN.has(name) && !WITHOUT_EFFECT.has(name))
    // In ClickHouse all settings of a URL apply at once; here nothing can be set after readonly.
    for (const [name, value] of [...all.filter(([name]) => name !== 'readonly'), ...all.filter(([name]) => name === 'readonly')])
      session.query(`SET ${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    const [, format = 'TabSeparated'] = /\bFORMAT (\w+)\s*$/.exec(query) ?? []
    return session.query(query, format)
  } finally {
    session.close()
  }
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.on('SIGTERM', () => process.exit(0))
