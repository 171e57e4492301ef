// The part of WebAssembly that is used here. Its types come with those of the DOM, which code for Node does not load.

export interface Memory {
  readonly buffer: ArrayBuffer
}

interface WebAssemblyApi {
  instantiate(bytes: Uint8Array): Promise<{ instance: { exports: unknown } }>
}

/** @returns what the module exports; it must import nothing */
export async function instantiate(bytes: Uint8Array): Promise<unknown> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  return (await WebAssembly.instantiate(bytes)).instance.exports
}
