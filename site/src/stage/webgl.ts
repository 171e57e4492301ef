// WebGL 2: whether there is any, by what it is drawn, and the one context the globe is drawn with.

export type DrawnBy = 'hardware' | 'software'

export interface WebGl {
  canvas: HTMLCanvasElement
  context: WebGL2RenderingContext
  by: DrawnBy
}

const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i

/**
 * Extensions that are used. three.js asks for many more; each that is found is a question to the graphics process, and the page waits
 * for the answer (measured on software: 12 of them, half a second).
 */
const USED: Record<DrawnBy, readonly string[]> = {
  hardware: ['EXT_texture_filter_anisotropic', 'WEBGL_lose_context'],
  software: ['WEBGL_lose_context'],
}

/** three.js asks for it wherever a texture holds floats; it matters only to those who draw into one. */
const FLOAT_TARGETS = 'EXT_color_buffer_float'

/** Null without WebGL 2: then the map takes over. */
export async function probeWebGl(): Promise<DrawnBy | null> {
  const answer = (await probeBeside()) ?? probe(document.createElement('canvas'), SOFTWARE)
  return answer === 'none' ? null : answer
}

let opened: WebGl | null = null

/** Null: there is none after all. The one that was opened before, if it still is. */
export function openWebGl(by: DrawnBy): WebGl | null {
  if (!opened || opened.context.isContextLost()) opened = open(by)
  return opened
}

function open(by: DrawnBy): WebGl | null {
  const canvas = document.createElement('canvas')
  // Smooth edges must be asked for at the start.
  const context = canvas.getContext('webgl2', { alpha: true, antialias: by === 'hardware', powerPreference: 'high-performance' })
  if (!context) return null
  const find = context.getExtension.bind(context) as (name: string) => unknown
  context.getExtension = ((name: string) =>
    USED[by].includes(name) ? find(name) : name === FLOAT_TARGETS ? {} : null) as typeof context.getExtension
  return { canvas, context, by }
}

type Answer = DrawnBy | 'none'

/** Asks in a worker: the first context of a page waits until the graphics process has started, and the page need not wait with it. */
async function probeBeside(): Promise<Answer | null> {
  if (typeof OffscreenCanvas === 'undefined') return null
  return new Promise((resolve) => {
    try {
      const text = `postMessage((${probe})(new OffscreenCanvas(1,1),${SOFTWARE}))`
      const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
      const worker = new Worker(address)
      const settle = (answer: Answer | null) => {
        worker.terminate()
        URL.revokeObjectURL(address)
        resolve(answer)
      }
      // Where workers have no WebGL the page itself may.
      worker.onmessage = ({ data }: MessageEvent<Answer>) => settle(data === 'none' ? null : data)
      worker.onerror = () => settle(null)
    } catch {
      resolve(null)
    }
  })
}

/** Its text runs in a worker, too: it may use nothing of this module. The context is given back at once, a browser has few. */
function probe(canvas: HTMLCanvasElement | OffscreenCanvas, software: RegExp): Answer {
  const context = canvas.getContext('webgl2') as WebGL2RenderingContext | null
  if (!context) return 'none'
  const names = context.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER))
  context.getExtension('WEBGL_lose_context')?.loseContext()
  return software.test(renderer) ? 'software' : 'hardware'
}
