// Imports that only the bundler understands.

declare module '*?worker&inline' {
  const InlineWorker: new () => Worker
  export default InlineWorker
}

declare module 'sql.js/dist/sql-wasm-inline.js' {
  export { default } from 'sql.js'
}
