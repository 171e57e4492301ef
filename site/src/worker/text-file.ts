// Pieces of text -> one Blob. A file may be longer than the longest string of an engine (V8: 2^29 - 24 characters), and a Blob passes
// from the worker to the page without a copy.

/** Characters collected in a string before they are added to the Blob. */
const PIECE = 1 << 20

export class TextFile {
  readonly #blobs: Blob[] = []
  #piece = ''

  add(text: string): void {
    this.#piece += text
    if (this.#piece.length >= PIECE) this.#flush()
  }

  finish(): Blob {
    this.#flush()
    return new Blob(this.#blobs)
  }

  #flush(): void {
    this.#blobs.push(new Blob([this.#piece]))
    this.#piece = ''
  }
}
