// An esbuild plugin: zstddec without the address of its WebAssembly, for pages.
import { readFile } from 'node:fs/promises'

/** zstddec takes its WebAssembly from a data: address, which the page's policy refuses, or by Buffer where there is no fetch. */
export const zstdWithoutFetch = {
  name: 'zstd-without-fetch',
  setup({ onLoad }) {
    const asked = 'typeof fetch !== "undefined"'
    onLoad({ filter: /zstddec-stream\.mjs$/ }, async ({ path: file }) => {
      const code = await readFile(file, 'utf8')
      if (!code.includes(asked))
        throw new Error(`${file}: no "${asked}" to replace; the library changed, look how it loads its WebAssembly`)
      return { contents: code.replace(asked, 'false') }
    })
  },
}
