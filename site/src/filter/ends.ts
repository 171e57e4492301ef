// Words that say what kind of address an end has.
import type { Scope } from '../../../src/types.ts'

export const SCOPES: readonly Scope[] = [
  'public',
  'private',
  'loopback',
  'link-local',
  'multicast',
  'broadcast',
  'documentation',
  'cgnat',
  'reserved',
]

export function scopeOfWord(word: string): Scope | null {
  return SCOPES.find((scope) => scope === word.toLowerCase()) ?? null
}

/** What is: takes. */
export const KINDS = ['located', 'unlocated', 'local', 'ipv4', 'ipv6'] as const
