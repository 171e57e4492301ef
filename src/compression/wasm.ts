// The part of the WebAssembly API that is used here. Its types are part of the DOM library, which code for Node does not load.

export interface Memory {
  readonly buffer: ArrayBuffer
}

interface WebAssemblyApi {
  instantiate(bytes: Uint8Array): Promise<{ instance: { exports: unknown } }>
}

/** @returns the exports of a module without imports */
export async function instantiate(bytes: Uint8Array): Promise<unknown> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  return (await WebAssembly.instantiate(bytes)).instance.exports
}
