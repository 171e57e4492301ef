// The progress bar on a terminal: bytes, packets, rate and remaining time. Without a terminal it prints nothing.
import { Presets, SingleBar } from 'cli-progress'
import { formatBytes, formatPlural } from '../../report/figures.ts'
import type { OnProgress } from '../../types.ts'

const REDRAWS_A_SECOND = 10

export interface ProgressBar {
  onProgress: OnProgress
  stop(): void
}

/** @param isShown true only on a terminal and without -q */
export function progressBar(isShown: boolean): ProgressBar {
  if (!isShown) return { onProgress: () => {}, stop: () => {} }
  const started = performance.now()
  const bar = new SingleBar(
    {
      format: '{bar} {read} of {all}, {packets}, {rate}/s, {eta_formatted} left',
      stream: process.stderr,
      fps: REDRAWS_A_SECOND,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  let isStarted = false
  return {
    onProgress: ({ bytes, totalBytes, packets }) => {
      // The size of a stream is unknown: the bar stays at its start and only the numbers change.
      const total = totalBytes ?? Number.MAX_SAFE_INTEGER
      const seconds = Math.max(0.001, (performance.now() - started) / 1000)
      const figures = {
        read: formatBytes(bytes),
        all: totalBytes === null ? 'a stream' : formatBytes(totalBytes),
        packets: formatPlural(packets, 'packet'),
        rate: formatBytes(bytes / seconds),
      }
      if (isStarted) bar.update(bytes, figures)
      else bar.start(total, bytes, figures)
      isStarted = true
    },
    stop: () => {
      if (isStarted) bar.stop()
    },
  }
}
