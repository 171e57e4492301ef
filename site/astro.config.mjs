// Builds the data-free page once, into dist/site: index.html, its scripts (build/classic-script.mjs) and assets/app.css. Publishing a report
// copies these files and adds data. The manual (manual/*.html) is built next to them and not copied.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'astro/config'
import { chunkOf } from './build/chunks.mjs'
import { classicScript } from './build/classic-script.mjs'
import { manualPictures } from './build/manual-pictures.mjs'
import { manualSearch } from './build/manual-search.mjs'
import { sheetStyles } from './build/sheet-styles.mjs'
import { unusedLayers } from './build/unused-layers.mjs'

const standIn = (name) => fileURLToPath(new URL(`./build/${name}`, import.meta.url))

export default defineConfig({
  output: 'static',
  outDir: '../dist/site',
  cacheDir: '../node_modules/.astro',
  build: { format: 'file', assets: 'assets', inlineStylesheets: 'never' },
  compressHTML: true,
  devToolbar: { enabled: false },
  // The manual's policy allows no style attributes, which is how code would be coloured.
  markdown: { syntaxHighlight: false, remarkPlugins: [manualPictures] },
  integrations: [classicScript(), manualSearch()],
  vite: {
    plugins: [sheetStyles(), unusedLayers()],
    worker: { format: 'iife' },
    build: {
      assetsInlineLimit: 0,
      modulePreload: false,
      chunkSizeWarningLimit: 4000,
      rollupOptions: { output: { manualChunks: chunkOf } },
    },
    // globe.gl imports three's WebGPU half for layers that are not used here: a third of the bundle.
    resolve: {
      alias: [
        { find: /^three\/webgpu$/, replacement: standIn('three-webgpu.mjs') },
        { find: /^three\/tsl$/, replacement: standIn('three-tsl.mjs') },
      ],
    },
  },
})
