// Garbage collection on request: a thread that allocates a large buffer every few seconds and little else would keep hundreds of megabytes
// before V8 collects them (measured over ten minutes of steady traffic).
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const forceGc = runInNewContext('gc') as () => void

export function collectGarbage(): void {
  forceGc()
}
