// The pointer over the stage: the tooltip of what is under it, and clicks.
import { byId } from '../ui/dom.ts'
import type { Picked, Renderer } from './renderer.ts'

/** A press that moves farther than this (CSS pixels) is a drag, not a click. */
const CLICK_PIXELS = 5

/** Largest distance to an arc or dot that counts as a hit, for mouse and touch, CSS pixels. */
const REACH = { fine: 10, touch: 22 }

/** Largest share of time spent on finding what is under the pointer. */
const PICK_SHARE = 0.1

export interface StageEvents {
  /** What stands in the tooltip. */
  title(picked: Picked): string
  /** Null: nothing was under the pointer. */
  click(picked: Picked | null): void
}

/** `picture`: what is on the stage now, null before there is one. */
export function watchPointer(stage: HTMLElement, renderer: () => Renderer | null, { title, click }: StageEvents): void {
  const tooltip = byId('tooltip')
  let down: { x: number; y: number } | null = null
  /** Where the pointer is; null: not over the stage. */
  let last: Pick<PointerEvent, 'offsetX' | 'offsetY' | 'clientX' | 'clientY' | 'buttons'> | null = null
  let restUntilMs = 0
  let isWaiting = false
  const leave = () => {
    tooltip.hidden = true
    stage.style.cursor = ''
    renderer()?.point(null)
  }
  stage.addEventListener('pointermove', ({ offsetX, offsetY, clientX, clientY, buttons, pointerType }) => {
    if (pointerType === 'touch') return
    last = { offsetX, offsetY, clientX, clientY, buttons }
    if (isWaiting) return
    isWaiting = true
    const look = () => {
      isWaiting = false
      if (!last) return
      const { offsetX, offsetY, clientX, clientY, buttons } = last
      const startMs = performance.now()
      const found = buttons === 0 ? (renderer()?.pick(offsetX, offsetY, REACH.fine) ?? null) : null
      const endMs = performance.now()
      restUntilMs = endMs + (endMs - startMs) / PICK_SHARE
      if (!found) {
        leave()
        return
      }
      renderer()?.point(found)
      tooltip.hidden = false
      stage.style.cursor = 'pointer'
      tooltip.textContent = title(found)
      tooltip.style.left = `${Math.min(clientX + 14, innerWidth - tooltip.offsetWidth - 8)}px`
      tooltip.style.top = `${Math.max(8, clientY - tooltip.offsetHeight - 12)}px`
    }
    setTimeout(() => requestAnimationFrame(look), Math.max(0, restUntilMs - performance.now()))
  })
  stage.addEventListener('pointerleave', () => {
    last = null
    leave()
  })
  stage.addEventListener('pointerdown', ({ clientX, clientY }) => {
    down = { x: clientX, y: clientY }
  })
  stage.addEventListener('click', (event) => {
    const { offsetX, offsetY, clientX, clientY } = event
    tooltip.hidden = true // what was clicked has its own title now
    if (!down || Math.hypot(clientX - down.x, clientY - down.y) > CLICK_PIXELS) return
    const reach = (event as PointerEvent).pointerType === 'touch' ? REACH.touch : REACH.fine
    click(renderer()?.pick(offsetX, offsetY, reach) ?? null)
  })
}
