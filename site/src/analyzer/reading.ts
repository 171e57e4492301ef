// The progress of an analysis: on the start page, then over the picture that grows.
import type { Progress } from '../../../src/types.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatBytes, formatCounted, formatDuration, formatHostile } from '../ui/format.ts'

export class Reading {
  readonly #section = byId('reading')
  readonly #text = byId('reading-text')
  readonly #note = byId('reading-note')
  readonly #bar = byId<HTMLProgressElement>('reading-progress')
  readonly #stop = byId<HTMLButtonElement>('cancel')
  #startedMs = 0

  constructor(stop: () => void) {
    this.#stop.addEventListener('click', () => {
      this.#stop.disabled = true
      this.#text.textContent = 'Making the report of what was read'
      stop()
    })
  }

  get isGoingOn(): boolean {
    return !this.#section.hidden
  }

  begin(name: string): void {
    this.#startedMs = performance.now()
    const title = `Reading ${formatHostile(name, 80)}`
    byId('reading-title').textContent = title
    this.#text.textContent = ''
    this.#note.textContent = ''
    this.#bar.value = 0
    this.#stop.disabled = false
    this.#section.hidden = false
    announce(title)
  }

  show({ bytes, totalBytes, packets }: Progress): void {
    if (this.#stop.disabled) return
    const rate = bytes / Math.max((performance.now() - this.#startedMs) / 1000, 0.001)
    const parts = [
      totalBytes === null ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
      formatCounted(packets, 'packet'),
      `${formatBytes(Math.round(rate))}/s`,
    ]
    if (totalBytes === null) this.#bar.removeAttribute('value')
    else {
      this.#bar.value = bytes / totalBytes
      parts.push(bytes >= totalBytes ? 'making the report' : `${formatDuration(Math.ceil((totalBytes - bytes) / rate) * 1e6)} left`)
    }
    this.#text.textContent = parts.join(' · ')
  }

  /** @param leftOut conversations that the growing picture does not have */
  tellLeftOut(leftOut: number): void {
    if (leftOut === 0) return
    this.#note.textContent = `The picture gets ${formatCounted(leftOut, 'more conversation')} when all is read.`
  }

  /** Over the player, which has taken the start page's place. */
  moveOver(): void {
    this.#section.classList.add('over')
    document.body.append(this.#section)
  }

  end(): void {
    this.#section.hidden = true
  }
}
