// The files for Kubernetes follow the schemas of its API, and run what is there.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

const FOLDER = fileURLToPath(new URL('../../.deploy/kubernetes', import.meta.url))
const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const KINDS = { Job, DaemonSet, PersistentVolumeClaim } as Record<string, new (file: never) => { validate(): void }>

const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({
    name,
    documents: parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8')).map((document) => {
      expect(document.errors).toEqual([])
      return document.toJS()
    }),
  }))

describe.each(FILES)('$name', ({ documents }) => {
  test('follows the schema', () => {
    expect(documents.length).toBeGreaterThan(0)
    for (const file of documents) {
      const model = new KINDS[file.kind](file as never)
      expect(() => model.validate()).not.toThrow()
    }
  })

  test('mounts what it names, and claims what volumes.yaml has', () => {
    const claims = FILES.find(({ name }) => name === 'volumes.yaml')!.documents.map(({ metadata }) => metadata.name)
    for (const { spec } of documents.filter(({ kind }) => kind !== 'PersistentVolumeClaim')) {
      const { containers, volumes } = spec.template.spec
      const mounted = containers.flatMap(({ volumeMounts }: { volumeMounts: { name: string }[] }) => volumeMounts.map(({ name }) => name))
      expect(mounted.sort()).toEqual(volumes.map(({ name }: { name: string }) => name).sort())
      for (const { persistentVolumeClaim: claim } of volumes) if (claim) expect(claims).toContain(claim.claimName)
    }
  })
})

test('a wrong field is one that the schemas refuse', () => {
  const { documents } = FILES.find(({ name }) => name === 'analyze.yaml')!
  const wrong = structuredClone(documents[0])
  wrong.spec.completions = 'many'
  expect(() => new Job(wrong).validate()).toThrow(/completions/)
})

test('the sensor is started with options that exist, and has one right', () => {
  const [{ spec }] = FILES.find(({ name }) => name === 'sensor.yaml')!.documents
  const [{ command, securityContext }] = spec.template.spec.containers
  const help = execFileSync(process.execPath, [CLI, 'live', '--help'], { encoding: 'utf8' })
  const options = command.at(-1).match(/--[a-z-]+/g)
  expect(options).toContain('--serve')
  for (const option of options) expect(help).toContain(option)
  expect(securityContext.capabilities).toEqual({ drop: ['ALL'], add: ['NET_RAW'] })
})

test('the jobs run the batch scripts, with as many tasks as they say', () => {
  for (const step of ['list', 'analyze', 'merge', 'all']) {
    const [{ spec }] = FILES.find(({ name }) => name === `${step}.yaml`)!.documents
    const [{ command, env }] = spec.template.spec.containers
    const script = /\/opt\/rtnvis\/batch\/(\w+)/.exec(command.join(' '))![1]
    expect(script).toBe(step)
    accessSync(join(FOLDER, '../batch', basename(script)), constants.X_OK)
    const tasks = env.find(({ name }: { name: string }) => name === 'TASKS')
    if (tasks) expect(Number(tasks.value)).toBe(spec.completions)
  }
})
