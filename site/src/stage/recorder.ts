// Saves what the stage shows, with a caption bar below: one picture as PNG, or the playback as WebM while it runs.
import fixWebmDuration from 'fix-webm-duration'
import { isOnStage, type Session } from '../session/session.ts'
import { announce, byId, download } from '../ui/dom.ts'
import { formatBytes } from '../ui/format.ts'
import { SURFACES, type Theme } from '../ui/palette.ts'
import { BAR_HEIGHT, type CaptionBar, drawCaptionBar } from './caption-bar.ts'
import type { Stage } from './stage.ts'

/** Frames a second of a video, its larger side at most, and its length. */
const VIDEO = { frames: 30, side: 1920, bitsPerSecond: 12_000_000, longestMs: 10 * 60_000 }
const TYPES = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm']

/** What the caption bar says. */
export interface CaptureSource {
  fileName(): string
  title(): string
  firstUs(): number
  /** The finding at this time, or ''. */
  caption(): string
  legend(): { name: string; colour: string }[]
  theme(): Theme
  play(): void
  /** Whether the story is being played: a video of it ends with it. */
  isStory(): boolean
  playStory(): void
}

export class Capture {
  readonly #session: Session
  readonly #stage: Stage
  readonly #source: CaptureSource
  readonly #button = byId<HTMLButtonElement>('record')
  #stop: (() => void) | null = null

  constructor(session: Session, stage: Stage, source: CaptureSource) {
    this.#session = session
    this.#stage = stage
    this.#source = source
    const save = byId<HTMLButtonElement>('save-picture')
    save.disabled = false
    save.addEventListener('click', () => void this.savePicture())
    addEventListener('beforeprint', () => this.#showForPaper())
    const type = typeof MediaRecorder === 'function' ? TYPES.find((candidate) => MediaRecorder.isTypeSupported(candidate)) : undefined
    this.#button.hidden = type === undefined
    this.#button.disabled = false
    if (!type) return
    this.#button.addEventListener('click', () => (this.#stop ? this.#stop() : this.#record(type)))
    const story = byId('story-record')
    story.hidden = false
    story.addEventListener('click', () => {
      if (this.#stop) return
      this.#source.playStory()
      this.#record(type)
    })
  }

  async savePicture(): Promise<void> {
    const canvas = document.createElement('canvas')
    this.#compose(canvas, Math.min(2, devicePixelRatio))
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (!blob) {
      announce('This picture cannot be saved here.')
      return
    }
    download(`${this.#source.fileName()}.png`, 'image/png', blob)
    announce('Picture saved')
  }

  /** Paper gets the picture that would be saved: a browser prints WebGL as nothing. */
  #showForPaper(): void {
    if (!isOnStage(this.#session.state.view)) return
    const canvas = document.createElement('canvas')
    canvas.id = 'paper'
    this.#compose(canvas, 2)
    byId('masthead').after(canvas)
    addEventListener('afterprint', () => canvas.remove(), { once: true })
  }

  #record(type: string): void {
    const { width, height } = this.#stage.free
    const scale = Math.min(Math.min(2, devicePixelRatio), VIDEO.side / Math.max(width, height + BAR_HEIGHT))
    const canvas = document.createElement('canvas')
    this.#compose(canvas, scale)
    const recorder = new MediaRecorder(canvas.captureStream(VIDEO.frames), { mimeType: type, videoBitsPerSecond: VIDEO.bitsPerSecond })
    const parts: Blob[] = []
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data))
    recorder.addEventListener('stop', async () => {
      // MediaRecorder writes the header before it knows the duration: without a duration, players cannot seek.
      const video = await fixWebmDuration(new Blob(parts, { type: 'video/webm' }), endMs - startMs, { logger: false })
      download(`${this.#source.fileName()}.webm`, 'video/webm', video)
      announce(`Video saved, ${formatBytes(video.size)}`)
    })
    const isStory = this.#source.isStory()
    if (!isStory && !this.#session.state.clock.isPlaying) this.#source.play()
    const startMs = performance.now()
    let endMs = startMs
    let lastMs = 0
    let frame = 0
    let position = this.#session.state.clock.positionUs
    const next = (nowMs: number) => {
      const { clock, view } = this.#session.state
      const isRound = clock.positionUs < position
      position = clock.positionUs
      const isShown = isOnStage(view)
      if (isShown && nowMs - lastMs >= 1000 / VIDEO.frames - 2) {
        lastMs = nowMs
        this.#compose(canvas, scale, true)
      }
      // A video ends with one round of a loop, at the end of the capture, when the user stops it, or when another view opens.
      const isOver = isStory ? !this.#source.isStory() : !clock.isPlaying || isRound
      if (isOver || !isShown || nowMs - startMs > VIDEO.longestMs) this.#stop?.()
      else frame = requestAnimationFrame(next)
    }
    this.#stop = () => {
      this.#stop = null
      cancelAnimationFrame(frame)
      endMs = performance.now()
      recorder.stop()
      this.#mark(false)
    }
    recorder.start(1000)
    this.#mark(true)
    announce('Recording')
    frame = requestAnimationFrame(next)
  }

  #mark(isOn: boolean): void {
    this.#button.setAttribute('aria-pressed', String(isOn))
    const label = isOn ? 'Stop and save the video' : 'Record a video (WebM)'
    this.#button.setAttribute('aria-label', label)
    this.#button.title = label
  }

  /** The part of the stage that no panel covers, and the bar below it. A video keeps the size it began with. */
  #compose(canvas: HTMLCanvasElement, scale: number, keepsSize = false): void {
    const { left, top, width, height } = this.#stage.free
    if (!keepsSize) {
      canvas.width = Math.floor((width * scale) / 2) * 2
      canvas.height = Math.floor(((height + BAR_HEIGHT) * scale) / 2) * 2
    }
    const context = canvas.getContext('2d')!
    const theme = this.#source.theme()
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = SURFACES[theme].page
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.save()
    context.beginPath()
    context.rect(0, 0, width, height)
    context.clip()
    context.translate(-left, -top)
    this.#stage.renderer?.drawOn(context, this.#stage.size.width, this.#stage.size.height)
    context.restore()
    context.setTransform(scale, 0, 0, scale, 0, canvas.height - BAR_HEIGHT * scale)
    drawCaptionBar(context, canvas.width / scale, theme, this.#barFacts())
  }

  #barFacts(): CaptionBar {
    const { clock, isWhole, span } = this.#session.state
    const firstUs = this.#source.firstUs()
    const [fromUs, toUs] = [span?.fromUs ?? 0, span?.toUs ?? clock.durationUs]
    const at = isWhole
      ? { us: firstUs + fromUs, lengthUs: toUs - fromUs, part: null }
      : { us: firstUs + clock.positionUs, lengthUs: null, part: clock.positionUs / clock.durationUs }
    return { ...at, title: this.#source.title(), caption: this.#source.caption(), legend: this.#source.legend() }
  }
}
