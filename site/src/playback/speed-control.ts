// The speed control: a list of speeds, and a field for others such as "12", "0.5x" or "3 min/s".
import { FIT_SECONDS, SPEEDS, setSpeed } from '../model/clock.ts'
import type { Session } from '../session/session.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatSpeed } from '../ui/format.ts'
import { readSpeed } from './speed.ts'

const TYPED = 'typed'
export class SpeedControl {
  readonly #session: Session
  readonly #select = byId<HTMLSelectElement>('speed')
  readonly #input = byId<HTMLInputElement>('speed-typed')

  constructor(session: Session) {
    this.#session = session
    this.#select.addEventListener('change', () => {
      if (this.#select.value === TYPED) this.#ask()
      else this.#take(Number(this.#select.value))
    })
    this.#input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#read()
      if (event.key === 'Escape') this.#close()
    })
    this.#input.addEventListener('blur', () => this.#close())
    session.subscribe(() => this.#select.length > 0 && this.#show(), ['clock'])
  }

  /** Fills the list. `fit`: the speed that plays everything in FIT_SECONDS. */
  load(fit: number): void {
    this.#select.replaceChildren(
      new Option(`${formatSpeed(fit)} (${FIT_SECONDS} s)`, String(fit)),
      ...SPEEDS.map((speed) => new Option(formatSpeed(speed), String(speed))),
      new Option('Other…', TYPED),
    )
    this.#show()
  }

  enable(): void {
    this.#select.disabled = false
  }

  /** A current speed that is not in the list is added as an option while it is used. */
  #show(): void {
    const value = String(this.#session.state.clock.speed)
    if (this.#select.value === value) return
    this.#select.querySelector('[data-own]')?.remove()
    if (![...this.#select.options].some((option) => option.value === value)) {
      const own = new Option(formatSpeed(Number(value)), value)
      own.dataset.own = ''
      this.#select.prepend(own)
    }
    this.#select.value = value
  }

  #take(speed: number): void {
    this.#session.set({ clock: setSpeed(this.#session.state.clock, speed) })
    this.#show()
  }

  #ask(): void {
    this.#select.hidden = true
    this.#input.hidden = false
    this.#input.value = ''
    this.#input.removeAttribute('aria-invalid')
    this.#input.focus()
  }

  #read(): void {
    const speed = readSpeed(this.#input.value)
    if (speed === null) {
      this.#input.setAttribute('aria-invalid', 'true')
      announce('Not a speed. Write a number, 0.5x or 3 min/s.')
      return
    }
    this.#take(speed)
    this.#close()
    this.#select.focus()
    announce(`Speed ${formatSpeed(speed)}`)
  }

  #close(): void {
    this.#input.hidden = true
    this.#select.hidden = false
    this.#select.value = ''
    this.#show()
  }
}
