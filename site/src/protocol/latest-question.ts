// A part of the page that shows the answer to one question: a further question takes the place of the one before.

export class LatestQuestion {
  #key = ''
  #asked: AbortController | null = null

  /** The same question may be asked again. */
  forget(): void {
    this.#key = ''
  }

  /** @param ask gets the signal that ends it @returns null if the question is asked already, or if a further one came meanwhile */
  async ask<Answer>(question: unknown, ask: (signal: AbortSignal, key: string) => Promise<Answer>): Promise<Answer | null> {
    const key = JSON.stringify(question)
    if (key === this.#key) return null
    this.#key = key
    this.#asked?.abort()
    const asked = new AbortController()
    this.#asked = asked
    try {
      const answer = await ask(asked.signal, key)
      return asked.signal.aborted ? null : answer
    } catch (error) {
      if (asked.signal.aborted) return null
      throw error
    }
  }
}
