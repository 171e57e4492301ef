// `rtnvis interfaces`: lists the interfaces for `rtnvis live -i`.
import { toPrintable } from '../../report/figures.ts'
import { listInterfaces, type NetworkInterface } from '../live/interfaces.ts'
import { print, printJson } from './terminal.ts'

export function runInterfaces({ json }: { json: boolean }): Promise<void> {
  const interfaces = listInterfaces()
  return json ? printJson(interfaces) : print(formatInterfaces(interfaces))
}

/** One line for each interface; a star marks the default. */
export function formatInterfaces(interfaces: NetworkInterface[]): string {
  if (interfaces.length === 0) return 'no interfaces\n'
  const width = Math.max(...interfaces.map(({ name }) => name.length))
  const lines = interfaces.map(({ name, state, isLoopback, isDefault, addresses }) => {
    const kind = isLoopback ? 'loopback' : isDefault ? 'default route' : ''
    const about = [kind, ...addresses].filter((part) => part !== '').join(', ')
    return `${isDefault ? '*' : ' '} ${toPrintable(name).padEnd(width)}  ${state.padEnd(7)}  ${about}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}
