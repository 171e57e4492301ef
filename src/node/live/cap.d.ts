// The part of the package cap that is used; it brings no types.
declare module 'cap' {
  import { EventEmitter } from 'node:events'
  export class Cap extends EventEmitter {
    /** @returns the link type's name; packets are written into `buffer`, which the caller must hold on to */
    open(device: string, filter: string, kernelBufferBytes: number, buffer: Buffer): string
    close(): boolean
  }
}
