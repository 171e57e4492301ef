// Types for the part of the package cap that is used; it has none itself.
declare module 'cap' {
  import { EventEmitter } from 'node:events'
  export class Cap extends EventEmitter {
    /** @returns name of the link type; packets are written into `buffer`, which the caller must keep referenced */
    open(device: string, filter: string, kernelBufferBytes: number, buffer: Buffer): string
    close(): boolean
  }
}
