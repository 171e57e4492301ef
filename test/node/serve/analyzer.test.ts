// The analyzer over HTTP: for those with the key, with its own policy, and nothing beside its files.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEY, type Served, serveSample } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serveSample(['demo'])
})
afterAll(() => served.close())

const withKey = { 'x-api-key': KEY }
const PATHS = [
  '/analyze',
  '/analyzer/start.js',
  '/analyzer/analysis.js',
  '/analyzer/data/list.js',
  '/analyzer/data/page-0.js',
  '/assets/app.js',
]

test('is answered with the key alone', async () => {
  for (const path of PATHS) {
    expect((await served.ask(path, {})).status, path).toBe(401)
    expect((await served.ask(path, { 'x-api-key': 'wrong' })).status, path).toBe(401)
    const answer = await served.ask(path, withKey)
    expect(answer.status, path).toBe(200)
    expect(answer.body.length, path).toBeGreaterThan(40)
  }
})

test('connects to nothing by its own policy, and names the location database', async () => {
  const { body } = await served.ask('/analyze', withKey)
  expect(body).toMatch(/<meta http-equiv="Content-Security-Policy" content="[^"]*connect-src 'none'/)
  expect(body).toContain('id="choose-files"')
  const list = JSON.parse((await served.ask('/analyzer/data/list.js', withKey)).body.replace(/^[^{]*/, ''))
  expect(list).toMatchObject({ page: 1, demo: 1, centres: 1 })
  expect(list.locations).toBeGreaterThan(5)
  const last = await served.ask(`/analyzer/data/locations-${list.locations - 1}.js`, withKey)
  expect(last.body).toMatch(/^rtnvisData\("locations",\d+,"[A-Za-z0-9+/]+=*"\)\n$/)
})

test.each([
  '/analyzer/data/locations-999.js',
  '/analyzer/data/secret-0.js',
  '/analyzer/../secret.txt',
  '/analyzer/%2e%2e/secret.txt',
  '/analyzer/data/../../../secret.txt',
  '/analyze/',
  '/manual/..%2f..%2fsecret.txt',
])('%s is no file of it', async (path) => {
  const answer = await served.ask(path, withKey)
  expect(answer.status).toBe(404)
  expect(answer.body).not.toContain('top secret')
})
