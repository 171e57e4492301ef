// The editors (CodeMirror), a script of its own that is loaded when one of them is first used.
export { createFilterEditor } from './filter-editor.ts'
export { createSqlEditor } from './sql-editor.ts'
