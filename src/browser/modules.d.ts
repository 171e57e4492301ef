// Imports that only the bundler understands.

declare module 'sql.js/dist/sql-wasm-inline.js' {
  export { default } from 'sql.js'
}

/** A template, compiled when the page is built: no policy allows to compile one in it. */
declare module '*.ejs' {
  const render: (data: Record<string, unknown>, quote?: (text: unknown) => string) => string
  export default render
}

declare module '*.css' {
  const text: string
  export default text
}

declare module '*.wasm' {
  const bytes: Uint8Array
  export default bytes
}
