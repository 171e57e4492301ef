// Texts of a column of DuckDB -> their bytes, joined. DuckDB writes the texts that an expression makes one behind the other, so most of a chunk is copied at once: a call for
// each text would take longer than the question.
import { createRequire } from 'node:module'
import type { DuckDBDataChunk } from '@duckdb/node-api'

type Bindings = typeof import('@duckdb/node-bindings')

/** A text in a vector (duckdb_string_t) as 32-bit words: its length, its first bytes, and the two words of its address; one of up to INLINE bytes is here itself. */
const WORDS = 4
const TEXT_BYTES = 4 * WORDS
const LENGTH = 0
const INLINE_AT = 4
const ADDRESS = 2
const INLINE = 12

/** The package below DuckDB's client is installed with it, where only the client may see it. */
export function loadBindings(): Bindings {
  const require = createRequire(import.meta.url)
  return createRequire(require.resolve('@duckdb/node-api'))('@duckdb/node-bindings')
}

/** @param chunk its first column are texts, none of them null @returns a copy */
export function joinTexts(bindings: Bindings, { chunk, rowCount }: DuckDBDataChunk): Uint8Array {
  const { buffer, byteOffset } = bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, 0), rowCount * TEXT_BYTES)
  const words = new Uint32Array(buffer, byteOffset, rowCount * WORDS)
  let length = 0
  for (let row = 0; row < rowCount; row++) length += words[row * WORDS + LENGTH]
  const joined = new Uint8Array(length)
  let to = 0
  for (let row = 0; row < rowCount; ) {
    const first = row * WORDS
    let run = words[first + LENGTH]
    row++
    if (run <= INLINE) joined.set(new Uint8Array(buffer, byteOffset + 4 * first + INLINE_AT, run), to)
    else {
      while (row < rowCount && words[row * WORDS + LENGTH] > INLINE && follows(words, first, run, row * WORDS))
        run += words[row++ * WORDS + LENGTH]
      joined.set(bindings.get_data_from_pointer(buffer as ArrayBuffer, byteOffset + 4 * (first + ADDRESS), run), to)
    }
    to += run
  }
  return joined
}

/** Whether a text is in memory right behind the `length` bytes that begin with another one. */
function follows(words: Uint32Array, first: number, length: number, text: number): boolean {
  const low = words[first + ADDRESS] + length
  return words[text + ADDRESS] === low >>> 0 && words[text + ADDRESS + 1] === words[first + ADDRESS + 1] + (low > 0xffffffff ? 1 : 0)
}
