// The description of the API (OpenAPI 3.1), made from the tables that also make the answers.
import { COLLECTIONS } from './collections.ts'
import { describeParameter } from './parameters.ts'
import type { Route } from './route.ts'

const nullable = (type: string) => ({ type: [type, 'null'] })

const TRAFFIC = {
  type: 'array',
  items: {
    type: 'object',
    required: ['src_ip', 'dst_ip', 'src_lat', 'src_lon', 'dst_lat', 'dst_lon', 'protocol', 'timestamp'],
    properties: {
      src_ip: { type: 'string' },
      dst_ip: { type: 'string' },
      src_lat: nullable('number'),
      src_lon: nullable('number'),
      dst_lat: nullable('number'),
      dst_lon: nullable('number'),
      protocol: { type: 'string', examples: ['HTTPS', 'DNS', 'TCP'] },
      timestamp: { type: 'string', format: 'date-time' },
    },
  },
}

const PAGE = {
  type: 'object',
  required: ['total', 'next', 'items'],
  properties: {
    total: { type: 'integer', description: 'How many match in all' },
    next: { type: ['integer', 'null'], description: 'offset of the next page; null on the last' },
    items: {
      type: 'array',
      description: `Times are microseconds since the epoch, UTC. Fields: ${COLLECTIONS.map(({ name, fields }) => `${name}: ${Object.keys(fields).join(', ')}`).join('; ')}.`,
      items: { type: 'object' },
    },
  },
}

export function openApi(routes: Route[], version: string): object {
  const error = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
  const paths = Object.fromEntries(
    routes.map(({ path, summary, parameters, answers, needs }) => [
      path,
      {
        get: {
          summary,
          'x-needs': needs,
          parameters: parameters.map(describeParameter),
          responses: {
            200: { description: 'Done', content: { 'application/json': { schema: { $ref: `#/components/schemas/${answers}` } } } },
            400: error('A parameter is wrong; the message names it'),
            401: error('The access key is missing or wrong'),
            403: error('The role of the key does not include this'),
            422: error('The database of this report cannot be read; the message says why'),
            503: error('Too many queries are waiting'),
            504: error('The query takes too long: request less'),
            429: error('Too many wrong keys; Retry-After has the time to wait'),
          },
        },
      },
    ]),
  )
  const plain = (summary: string, security?: []) => ({
    get: { summary, ...(security && { security }), responses: { 200: { description: 'Done', content: { 'text/plain': {} } } } },
  })
  return {
    openapi: '3.1.0',
    info: { title: 'rtnvis', version, description: 'Reports and running captures. Every address but /healthz needs the access key.' },
    security: [{ header: [] }, { bearer: [] }, { cookie: [] }],
    paths: {
      ...paths,
      '/metrics': plain('Counters for Prometheus'),
      '/api/audit': plain('Logins, refused requests, database downloads'),
      '/healthz': plain('Whether the server runs', []),
    },
    components: {
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'rtnvis-PORT' },
      },
      schemas: {
        Traffic: TRAFFIC,
        Page: PAGE,
        Summary: { type: 'object' },
        Incidents: { type: 'object', required: ['items'], properties: { items: { type: 'array', items: { type: 'object' } } } },
        Status: { type: 'object', description: 'State, interface, filter, totals, drops, busiest servers' },
        Changes: { type: 'array', items: { type: 'object', required: ['type'] } },
        Tables: { type: 'object', required: ['version', 'tables'] },
        Reports: { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } } },
        Error: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } },
      },
    },
  }
}
