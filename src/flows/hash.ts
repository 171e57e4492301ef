// Keyed hash for the tables of flows and hosts. Hot path.

/**
 * Random seed: without it, a capture could be prepared with addresses that all fall into one slot. Results do not depend on it: ids are given in the
 * order of first appearance, and tables are never iterated by slot.
 */
export const HASH_SEED = (Math.random() * 0x1_0000_0000) >>> 0

/** MurmurHash3's 32-bit finaliser: every input bit affects every output bit. */
export function mix(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
