// A system error -> words that say what to do.

/** @param reasons by the error's code, ENOENT for example @returns the error's own message where its code is not among them */
export function reasonAmong(reasons: Readonly<Record<string, string>>, error: unknown): string {
  return reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error instanceof Error ? error.message : String(error))
}
