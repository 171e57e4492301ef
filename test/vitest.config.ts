import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { FIREFOX } from './support/firefox.ts'

/** Tests of the page that need neither WebGL nor what Firefox's driver cannot do: run in both browsers. */
const IN_BOTH = ['analyzer', 'charts', 'legend', 'local', 'no-worker', 'tables'].map((name) => `test/site/${name}.test.ts`)

const ALONE = ['site', 'node/serve', 'node/live'].map((folder) => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: 'dist/.vitest',
  // The page compiles itself when tests need it; vitest must not read its settings.
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      // First what computes: two files at once. Then what has a browser, a server or a network of its own: one at a time, so that none waits for another.
      { extends: true, test: { name: 'node', include: ['test/**/*.test.ts'], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      // Where there is no Firefox, firefox.test.ts says so.
      ...(FIREFOX
        ? [
            {
              extends: true as const,
              test: { name: 'firefox', include: IN_BOTH, env: { TEST_BROWSER: 'firefox' }, maxWorkers: 1, sequence: { groupOrder: 1 } },
            },
          ]
        : []),
    ],
  },
})
