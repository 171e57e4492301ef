// Leaf pages of tables -> a file without a name, until the database that they belong to has a place for them.
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { type LeafSink, PAGE_BYTES } from '../../sqlite/btree-leaves.ts'
import type { PartOfTable } from '../../store/traffic-pages.ts'
import { readAt } from '../read-at.ts'

/** Pages read or written at once. */
const PAGES_AT_ONCE = 256

/** The pages of a table in a file, or successive ones of them: then the last one has a divider, too. Plain data. */
export interface FiledLeaves {
  /** Offset of the first one, and of what follows the last. */
  from: number
  to: number
  dividers: Uint8Array[]
}

/** The tables of conversations. */
export type FiledConversations = Record<PartOfTable['table'], FiledLeaves>

/** @returns a descriptor for all threads; the file goes when it is closed @throws the system's error */
export function openLeafFile(path: string): number {
  const fd = openSync(path, 'wx+')
  unlinkSync(path)
  return fd
}

export function closeLeafFile(fd: number): void {
  closeSync(fd)
}

/** Tables are written one after the other. */
export class LeafFile implements LeafSink {
  private readonly fd: number
  private readonly chunk = new Uint8Array(PAGES_AT_ONCE * PAGE_BYTES)
  private length = 0
  private at = 0
  private from = 0
  private dividers: Uint8Array[] = []
  private readonly onPart: ((part: FiledLeaves) => void) | undefined

  /** @param onPart called with pages of a table as soon as they are in the file; endTable() then has nothing to return */
  constructor(fd: number, onPart?: (part: FiledLeaves) => void) {
    this.fd = fd
    this.onPart = onPart
  }

  leaf(content: Uint8Array, divider: Uint8Array): void {
    this.dividers.push(divider)
    this.add(content)
  }

  last(content: Uint8Array): void {
    this.add(content)
    this.flush()
  }

  /** Call after last(). @returns the pages of the table, after which the next one begins */
  endTable(): FiledLeaves {
    const { from, at: to, dividers } = this
    this.from = to
    this.dividers = []
    return { from, to, dividers }
  }

  private add(content: Uint8Array): void {
    this.chunk.set(content, this.length)
    this.length += PAGE_BYTES
    if (this.length === this.chunk.length) this.flush()
  }

  private flush(): void {
    for (let done = 0; done < this.length; ) done += writeSync(this.fd, this.chunk, done, this.length - done, this.at + done)
    this.at += this.length
    this.length = 0
    if (this.onPart !== undefined && this.at > this.from) this.onPart(this.endTable())
  }
}

/** Gives all pages to the sink, which may have got those before them. @throws the system's error */
export function readLeaves(fd: number, { from, to, dividers }: FiledLeaves, sink: LeafSink): void {
  const chunk = new Uint8Array(PAGES_AT_ONCE * PAGE_BYTES)
  let index = 0
  for (let at = from; at < to; at += chunk.length) {
    const length = Math.min(chunk.length, to - at)
    const count = readAt(fd, chunk.subarray(0, length), at)
    if (count < length) throw new RangeError(`the file ends at byte ${at + count} of ${to}`)
    for (let page = 0; page < length; page += PAGE_BYTES) {
      const content = chunk.subarray(page, page + PAGE_BYTES)
      if (index < dividers.length) sink.leaf(content, dividers[index++])
      else sink.last(content)
    }
  }
}
