// Pointer and wheel events on a time chart: a click is a time, a drag selects a span, Shift and drag pans, wheel and pinch zoom.

export interface GestureEvents {
  /** Pixels from the plot's left edge, 0 to its width. */
  click(x: number): void
  /** During a drag, and once more with isDone when it ends. */
  brush(fromX: number, toX: number, isDone: boolean): void
  /** Whether a press at x takes hold of an edge of the selected span; `reach` in pixels. Then drag() moves that edge. */
  grab(x: number, reach: number): boolean
  drag(x: number, isDone: boolean): void
  /** Distance to move the content, in pixels. */
  pan(pixels: number): void
  /** A factor below 1 zooms in; the time at x keeps its position. */
  zoom(factor: number, x: number): void
  reset(): void
}

/** A press that moves by fewer pixels is a click. */
const CLICK_PIXELS = 4

/** Largest distance to an edge that takes hold of it, for mouse and touch, pixels. */
const EDGE_PIXELS = { fine: 6, touch: 16 }

/** `hasWheel`: the wheel zooms. Otherwise it zooms only with Ctrl, as browsers report a pinch on a touchpad, so that the page can scroll. */
export function watchGestures(plot: HTMLElement, hasWheel: boolean, events: GestureEvents): void {
  const pressed = new Map<number, number>()
  let startX = 0
  let lastX = 0
  let mode: 'click' | 'brush' | 'edge' | 'pan' | 'pinch' = 'click'
  const xOf = ({ clientX }: MouseEvent) => {
    const { left, width } = plot.getBoundingClientRect()
    return Math.min(width, Math.max(0, clientX - left))
  }
  plot.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return
    plot.setPointerCapture(event.pointerId)
    pressed.set(event.pointerId, xOf(event))
    startX = lastX = xOf(event)
    if (pressed.size === 2) mode = 'pinch'
    else if (event.shiftKey || event.button === 1) mode = 'pan'
    else mode = events.grab(startX, event.pointerType === 'touch' ? EDGE_PIXELS.touch : EDGE_PIXELS.fine) ? 'edge' : 'click'
    if (event.button === 1) event.preventDefault() // no autoscroll
  })
  plot.addEventListener('pointermove', (event) => {
    const before = pressed.get(event.pointerId)
    if (before === undefined) return
    const x = xOf(event)
    pressed.set(event.pointerId, x)
    if (mode === 'pinch') {
      const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1]
      if (other === undefined) return
      events.zoom(Math.max(4, Math.abs(before - other)) / Math.max(4, Math.abs(x - other)), other)
      return
    }
    if (mode === 'click' && Math.abs(x - startX) >= CLICK_PIXELS) mode = 'brush'
    if (mode === 'brush') events.brush(startX, x, false)
    else if (mode === 'edge') events.drag(x, false)
    else if (mode === 'pan') events.pan(x - lastX)
    lastX = x
  })
  const release = (event: PointerEvent) => {
    if (!pressed.delete(event.pointerId)) return
    if (mode === 'click' && event.type === 'pointerup') events.click(xOf(event))
    else if (mode === 'brush') events.brush(startX, xOf(event), true)
    else if (mode === 'edge') events.drag(xOf(event), true)
    if (mode !== 'pinch' || pressed.size === 0) mode = 'click'
  }
  plot.addEventListener('pointerup', release)
  plot.addEventListener('pointercancel', release)
  plot.addEventListener('dblclick', () => events.reset())
  plot.addEventListener(
    'wheel',
    (event) => {
      if (!hasWheel && !event.ctrlKey) return
      event.preventDefault()
      const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (isSideways) events.pan(-(event.deltaX || event.deltaY))
      else events.zoom(1.0015 ** Math.max(-400, Math.min(400, event.deltaY)), xOf(event))
    },
    { passive: false },
  )
}
