// Incidents -> STIX, MISP and CSV: what is said, what is kept back, hostile texts. The ids of observables are those that other programs give them.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { changed, exported } from './exported.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const INSIDE = /192\.168\.|02:00:00/

let demo: SqlDatabase

beforeAll(async () => {
  demo = await analyzeBytes(readFileSync(DEMO))
})

const DIGEST = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'
/** A program in the first conversation of the first finding. */
const PROGRAM = `INSERT INTO identities SELECT server_host_id, 'file', '${DIGEST}', 'http', first_us, 1, id, 230, 1
  FROM flows WHERE id = (SELECT min(flow_id) FROM alert_flows WHERE alert_id = 1)`

type StixObject = { type: string; id: string } & Record<string, unknown>

function stixOf(database: SqlDatabase, isPrivate = false): StixObject[] {
  return JSON.parse(exported(database, 'stix', false, isPrivate)['stix.json']).objects
}

const demoWith = (sql: string): Promise<SqlDatabase> => changed(sql, demo.export())

const ofType = (objects: StixObject[], type: string) => objects.filter((object) => object.type === type)

describe('stix', () => {
  it('has an indicator for what each finding of medium or high severity shows of the outside', () => {
    const indicators = ofType(stixOf(demo), 'indicator')
    expect(indicators.map(({ pattern, confidence, description }) => [pattern, confidence, description])).toEqual([
      ["[ipv4-addr:value = '178.132.135.5']", 50, 'inferred, finding 1 (T1071), frame 230'],
      ["[domain-name:value = 'sync.quietriver.test']", 50, 'inferred, finding 1 (T1071), frame 230'],
      [
        'alert tls any any -> any any (msg:"JA4 t13d0508h2_e133e205ac38_999d671a53fd"; ja4.hash; content:"t13d0508h2_e133e205ac38_999d671a53fd"; sid:1; rev:1;)',
        50,
        'inferred, finding 1 (T1071), frame 230',
      ],
      ["[ipv4-addr:value = '171.231.85.118']", 70, 'seen, finding 2 (T1046), frame 6518'],
    ])
    expect(indicators[0]).toMatchObject({
      spec_version: '2.1',
      pattern_type: 'stix',
      valid_from: '2026-03-17T09:00:07.621037Z',
      indicator_types: ['anomalous-activity'],
      kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: 'command-and-control' }],
    })
  })

  it('refers only to what is in the bundle', () => {
    for (const isPrivate of [false, true]) {
      const objects = stixOf(demo, isPrivate)
      const ids = objects.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      const refs = objects.flatMap((object) =>
        Object.entries(object).flatMap(([key, value]) => (/_refs?$/.test(key) ? (value as string | string[]) : [])),
      )
      expect(refs.length).toBeGreaterThan(20)
      expect(refs.filter((ref) => !ids.includes(ref))).toEqual([])
      for (const { type, id } of objects)
        expect(id).toMatch(new RegExp(`^${type}--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`))
    }
  })

  it('gives observables the ids of STIX 2.1, 2.9', async () => {
    const database = await demoWith("UPDATE hosts SET ip = '198.51.100.3' WHERE ip = '171.231.85.118'")
    // By Python's uuid.uuid5 of the namespace in the specification and {"value":"198.51.100.3"}.
    expect(ofType(stixOf(database), 'ipv4-addr').map(({ id }) => id)).toContain('ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4')
  })

  it('names nobody of the own network, unless that is wanted', () => {
    expect(JSON.stringify(stixOf(demo))).not.toMatch(INSIDE)
    const objects = stixOf(demo, true)
    expect(ofType(objects, 'ipv4-addr').map(({ value }) => value)).toContain('192.168.10.24')
    expect(ofType(objects, 'mac-addr').map(({ value }) => value)).toContain('02:00:00:00:00:18')
    expect(ofType(objects, 'grouping')[0].description).toMatch(
      /^192\.168\.10\.24 \(MAC 02:00:00:00:00:18 in frame 228\) may have been harmed/,
    )
  })

  it('keeps names of the own network back', async () => {
    const database = await demoWith("UPDATE flows SET server_name = 'files.corp.local' WHERE server_name = 'sync.quietriver.test'")
    expect(JSON.stringify(stixOf(database))).not.toContain('corp')
    expect(JSON.stringify(stixOf(database, true))).toContain('files.corp.local')
  })

  it('keeps a hostile name within its quotation marks', async () => {
    const database = await demoWith("UPDATE flows SET server_name = 'a'' OR [x\\.test' WHERE server_name = 'sync.quietriver.test'")
    expect(ofType(stixOf(database), 'indicator')[1].pattern).toBe("[domain-name:value = 'a\\' OR [x\\\\.test']")
  })

  it('names a program by its digest, with the id of STIX 2.1, 2.9', async () => {
    const objects = stixOf(await demoWith(PROGRAM))
    expect(ofType(objects, 'indicator').map(({ pattern }) => pattern)).toContain(`[file:hashes.'SHA-256' = '${DIGEST}']`)
    // By Python's uuid.uuid5 of the namespace in the specification and {"hashes":{"SHA-256":"..."}}.
    expect(ofType(objects, 'file')).toEqual([
      expect.objectContaining({ id: 'file--00f91c70-2975-500a-919c-fe3a0d6c125a', hashes: { 'SHA-256': DIGEST } }),
    ])
  })

  it('has nothing but its maker where nothing happened', async () => {
    const database = await demoWith("UPDATE alerts SET severity = 'info'")
    expect(stixOf(database).map(({ type }) => type)).toEqual(['identity'])
    expect(JSON.parse(exported(database, 'misp')['misp.json'])).toEqual({ response: [] })
  })
})

describe('misp', () => {
  const events = (isPrivate = false) => JSON.parse(exported(demo, 'misp', false, isPrivate)['misp.json']).response

  it('has an event for each incident, with attributes of the types that MISP knows', () => {
    const [first, second] = events().map(({ Event }: { Event: Record<string, unknown> }) => Event)
    expect(first).toMatchObject({
      info: 'Incident, possible, medium: Command and Control',
      date: '2026-03-17',
      threat_level_id: '2',
      analysis: '0',
      distribution: '0',
      published: false,
    })
    const told = (event: { Attribute: { type: string; value: string; to_ids: boolean; category: string }[] }) =>
      event.Attribute.map(({ type, value, to_ids, category }) => [type, value, to_ids, category])
    expect(told(first)).toEqual([
      ['ip-dst', '178.132.135.5', false, 'Network activity'],
      ['hostname', 'sync.quietriver.test', false, 'Network activity'],
      ['other', 't13d0508h2_e133e205ac38_999d671a53fd', false, 'Network activity'],
    ])
    expect(told(second)).toEqual([['ip-src', '171.231.85.118', true, 'Network activity']])
  })

  it('has programs among what was delivered', async () => {
    const [{ Event }] = JSON.parse(exported(await demoWith(PROGRAM), 'misp')['misp.json']).response
    expect(Event.Attribute).toContainEqual(expect.objectContaining({ category: 'Payload delivery', type: 'sha256', value: DIGEST }))
  })

  it('names nobody of the own network, unless that is wanted', () => {
    expect(JSON.stringify(events())).not.toMatch(INSIDE)
    const victim = events(true)[0].Event.Attribute.filter(({ comment }: { comment: string }) => comment === 'victim')
    expect(victim.map(({ type, value }: { type: string; value: string }) => [type, value])).toEqual([
      ['ip-src', '192.168.10.24'],
      ['mac-address', '02:00:00:00:00:18'],
    ])
  })
})

it('csv: indicators, and the same with dots in brackets', () => {
  expect(exported(demo, 'csv')['indicators.csv']).toBe(
    'incident,kind,value,defanged,strength,alert,technique,frame,capture\r\n' +
      '1,address,178.132.135.5,178[.]132[.]135[.]5,inferred,1,T1071,230,\r\n' +
      '1,name,sync.quietriver.test,sync[.]quietriver[.]test,inferred,1,T1071,230,\r\n' +
      '1,ja4,t13d0508h2_e133e205ac38_999d671a53fd,t13d0508h2_e133e205ac38_999d671a53fd,inferred,1,T1071,230,\r\n' +
      '2,address,171.231.85.118,171[.]231[.]85[.]118,seen,2,T1046,6518,\r\n',
  )
})
