import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { FIREFOX } from './support/firefox.ts'

/** Tests of the page that need neither WebGL nor what Firefox's driver cannot do: run in both browsers. */
const IN_BOTH = ['analyzer', 'charts', 'filter-editor', 'legend', 'local', 'no-worker', 'tables'].map((name) => `test/site/${name}.test.ts`)

const ALONE = ['site', 'node/serve', 'node/live'].map((folder) => `test/${folder}/**/*.test.ts`)

/** One at a time, so that none waits for another. Twice at most: a browser without a graphics card stalls now and then, in a file of a thousand that it reads. */
const BROWSER = { maxWorkers: 1, sequence: { groupOrder: 1 }, retry: 1 }

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: 'dist/.vitest',
  // The page compiles itself when tests need it; vitest must not read its settings.
  test: {
    // Of what hangs, not of what is slow.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
    projects: [
      // First what computes: two files at once. Then what has a browser, a server or a network of its own.
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...ALONE],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, ...BROWSER } },
      // Where there is no Firefox, firefox.test.ts says so.
      ...(FIREFOX
        ? [
            {
              extends: true as const,
              test: { name: 'firefox', include: IN_BOTH, env: { TEST_BROWSER: 'firefox' }, ...BROWSER },
            },
          ]
        : []),
    ],
  },
})
