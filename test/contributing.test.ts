// What the documents for contributors name is there: every path, every npm script; GitHub's own schema reads the workflow, and the forms have their parts.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

const DOCUMENTS = ['.github/CONTRIBUTING.md', '.github/decisions.md', '.github/SECURITY.md']
/** Fewer mean that the pattern, not the document, is right. */
const PATHS_AT_LEAST = { '.github/CONTRIBUTING.md': 60, '.github/decisions.md': 8, '.github/SECURITY.md': 1 }

/** Code spans that are a path from the top of the tree: with a slash, without a space or a placeholder. Addresses of the server begin with a slash. */
function pathsOf(document: string): string[] {
  const text = read(document).replaceAll(/^```[\s\S]*?^```$/gm, '')
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1])
  return spans.filter((span) => /^[\w.@][\w.@-]*(\/[\w.@-]+)+\/?$/.test(span))
}

test.each(DOCUMENTS)('every path in %s is there', (document) => {
  const paths = pathsOf(document)
  expect(paths.length).toBeGreaterThanOrEqual(PATHS_AT_LEAST[document as keyof typeof PATHS_AT_LEAST])
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test.each(['README.md', 'test/README.md', ...DOCUMENTS])('every npm script in %s is there', (document) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...read(document).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map((match) => match[1])
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

interface WorkflowParser {
  parseWorkflow(file: { name: string; content: string }, trace: object): { context: { errors: { getErrors(): { message: string }[] } } }
  NoOperationTraceWriter: new () => object
}

/** GitHub's parser of workflows. Its modules import JSON in a way that Node 20 does not read, so it is bundled first. */
async function workflowParser(folder: string): Promise<WorkflowParser> {
  const outfile = join(folder, 'parser.cjs')
  await build({ entryPoints: ['@actions/workflow-parser'], bundle: true, platform: 'node', format: 'cjs', outfile, absWorkingDir: ROOT })
  return createRequire(import.meta.url)(outfile) as WorkflowParser
}

test('the workflows follow the schema of GitHub Actions; one runs what every merge has to pass', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-workflow-'))
  try {
    const { parseWorkflow, NoOperationTraceWriter } = await workflowParser(folder)
    const problems = (content: string) =>
      parseWorkflow({ name: 'ci.yml', content }, new NoOperationTraceWriter())
        .context.errors.getErrors()
        .map(({ message }) => message)
    for (const name of readdirSync(join(ROOT, '.github/workflows'))) {
      const content = read(`.github/workflows/${name}`)
      expect(problems(content), name).toEqual([])
      expect(problems(content.replace('steps:', 'stepz:')), name).not.toEqual([])
      for (const [, action] of content.matchAll(/uses: (.+)/g)) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+$/)
    }
    expect(read('.github/workflows/ci.yml')).toContain('- run: .ci/run\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

interface IssueForm {
  name: string
  description: string
  body: { type: string; id?: string; attributes: { label?: string; value?: string }; validations?: { required?: boolean } }[]
}

test('the issue forms have what GitHub requires, and the bug form asks for what a bug needs', () => {
  const folder = join(ROOT, '.github/ISSUE_TEMPLATE')
  const names = readdirSync(folder).filter((name) => name !== 'config.yml')
  expect(names).toContain('bug.yml')
  for (const name of names) {
    const form = parse(readFileSync(join(folder, name), 'utf8')) as IssueForm
    expect(form.name && form.description, name).toBeTruthy()
    const ids = form.body.flatMap(({ id }) => id ?? [])
    expect(new Set(ids).size, name).toBe(ids.length)
    for (const { type, id, attributes } of form.body) {
      expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes'], name).toContain(type)
      if (type === 'markdown') expect(attributes.value, name).toBeTruthy()
      else expect(id && attributes.label, name).toBeTruthy()
    }
  }
  const bug = parse(read('.github/ISSUE_TEMPLATE/bug.yml')) as IssueForm
  const required = bug.body.filter(({ validations }) => validations?.required).map(({ id }) => id)
  expect(required).toEqual(['happened', 'capture', 'version', 'system'])
})
