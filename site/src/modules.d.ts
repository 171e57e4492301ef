// Imports that only the bundler understands.

declare module 'sql.js/dist/sql-wasm-inline.js' {
  export { default } from 'sql.js'
}

/** The file as a data: address. */
declare module '*.webp?inline' {
  const address: string
  export default address
}
