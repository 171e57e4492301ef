// Large buffers that nobody needs any more go at once: a thread that makes one every few seconds and little else would keep hundreds of megabytes of them
// until its own collector has a reason to run (measured over ten minutes of steady traffic).
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export function collectGarbage(): void {
  collect()
}
