// Modules that only the bundler can import.

declare module 'sql.js/dist/sql-wasm-inline.js' {
  export { default } from 'sql.js'
}

/** A template, compiled when the page is built: the Content Security Policy forbids compiling in the page. */
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

/** The text of a worker that a worker starts: worker:NAME is NAME.worker.ts, built. */
declare module 'worker:*' {
  const text: string
  export default text
}
