// Requests to industrial controllers (Modbus, S7, DNP3, EtherNet/IP, IEC 104) -> how many a conversation has, and those that change something.
import { be16, le16 } from '../../decode/bytes.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { Application } from '../../names/applications.ts'
import { Bounded } from './bounded.ts'
import type { ControllerUse } from './observations.ts'

const MAX_ROWS = 20_000
const MAX_OPERATIONS = 8
/** Requests of one segment that are read. */
const MAX_REQUESTS = 8

const CONTROLLERS: ReadonlySet<Application> = new Set<Application>(['modbus', 's7comm', 'dnp3', 'ethernet-ip', 'iec104'])

/** Modbus Application Protocol 1.1b3, 6. */
const MODBUS = new Map([
  [5, 'Write Single Coil'],
  [6, 'Write Single Register'],
  [15, 'Write Multiple Coils'],
  [16, 'Write Multiple Registers'],
  [21, 'Write File Record'],
  [22, 'Mask Write Register'],
  [23, 'Read/Write Multiple Registers'],
])
/** Functions of an S7 job, as Wireshark names them. */
const S7 = new Map([
  [0x05, 'Write Var'],
  [0x1a, 'Request download'],
  [0x1b, 'Download block'],
  [0x28, 'PI-Service'],
  [0x29, 'PLC Stop'],
])
/** IEEE 1815, 4.4; writes are of interest only where they are of outputs. */
const DNP3 = new Map([
  [3, 'Select'],
  [4, 'Operate'],
  [5, 'Direct Operate'],
  [6, 'Direct Operate No Ack'],
  [13, 'Cold Restart'],
  [14, 'Warm Restart'],
  [18, 'Stop Application'],
])
/** Services of CIP (ODVA, volume 1, appendix A) and of Logix controllers. */
const CIP = new Map([
  [0x02, 'Set Attributes All'],
  [0x04, 'Set Attribute List'],
  [0x05, 'Reset'],
  [0x06, 'Start'],
  [0x07, 'Stop'],
  [0x10, 'Set Attribute Single'],
  [0x4d, 'Write Tag'],
  [0x4e, 'Read Modify Write Tag'],
  [0x53, 'Write Tag Fragmented'],
])
const UNCONNECTED_SEND = 0x52
/** Type identifications of commands (IEC 60870-5-101, 7.2.1). */
const IEC104_COMMANDS: readonly [number, number] = [45, 64]

export function isController(application: Application): boolean {
  return CONTROLLERS.has(application)
}

export class ControllerObserver {
  readonly list = new Bounded<ControllerUse>(MAX_ROWS)
  private readonly known = new Map<number, { row: ControllerUse | null; next: number }>()

  /** A client's payload; a request that begins in an earlier segment is not read. */
  inspect(flow: number, application: Application, view: PacketView, timeUs: number): void {
    const { bytes, payloadAt: at, end, tcpSequence } = view
    let known = this.known.get(flow)
    if (known === undefined) {
      const row = { flow, protocol: application, requests: 0, changes: 0, operations: [], beganUs: timeUs, firstUs: 0, lastUs: 0 }
      known = { row: this.list.add(row), next: tcpSequence }
      this.known.set(flow, known)
    }
    // A segment that is sent, or captured, again is no further request.
    if (((tcpSequence - known.next) | 0) < 0) return
    known.next = (tcpSequence + end - at) | 0
    const { row } = known
    if (row === null) return
    row.requests++
    const operation = operationOf(application, bytes, at, end)
    if (operation === null) return
    if (row.changes === 0) row.firstUs = timeUs
    row.changes++
    row.lastUs = timeUs
    if (row.operations.length < MAX_OPERATIONS && !row.operations.includes(operation)) row.operations.push(operation)
  }
}

/** What a request changes, null for one that only asks. */
function operationOf(application: Application, bytes: Uint8Array, at: number, end: number): string | null {
  switch (application) {
    case 'modbus':
      return ofModbus(bytes, at, end)
    case 's7comm':
      // TPKT, COTP data, and the header of a job.
      return end - at > 17 && bytes[at + 5] === 0xf0 && bytes[at + 7] === 0x32 && bytes[at + 8] === 1
        ? (S7.get(bytes[at + 17]) ?? null)
        : null
    case 'dnp3':
      return end - at > 12 && bytes[at] === 0x05 && bytes[at + 1] === 0x64 ? (DNP3.get(bytes[at + 12]) ?? null) : null
    case 'ethernet-ip':
      return ofCip(bytes, at, end)
    case 'iec104': {
      const isCommand = end - at > 6 && bytes[at] === 0x68 && (bytes[at + 2] & 1) === 0
      return isCommand && bytes[at + 6] >= IEC104_COMMANDS[0] && bytes[at + 6] <= IEC104_COMMANDS[1] ? 'Command' : null
    }
    default:
      return null
  }
}

function ofModbus(bytes: Uint8Array, at: number, end: number): string | null {
  let next = at
  for (let count = 0; count < MAX_REQUESTS && next + 8 <= end; count++) {
    const found = MODBUS.get(bytes[next + 7])
    if (found !== undefined) return found
    next += 6 + be16(bytes, next + 4)
  }
  return null
}

/** The message of an encapsulated request (CIP Networks Library, volume 2, 2-3), that inside an Unconnected Send too. */
function ofCip(bytes: Uint8Array, at: number, end: number): string | null {
  // Header of 24 bytes, interface, timeout, number of items, then items of type, length and data; the second has the message.
  const item = at + 24 + 8 + 4 + le16Within(bytes, at + 34, end)
  if (item + 4 > end) return null
  const message = item + 4 + (le16(bytes, item) === 0x00b1 ? 2 : 0)
  if (message + 2 > end) return null
  if (bytes[message] !== UNCONNECTED_SEND) return CIP.get(bytes[message]) ?? null
  const inner = message + 2 + 2 * bytes[message + 1] + 4
  return inner < end ? (CIP.get(bytes[inner]) ?? null) : null
}

/** 0 beyond the end. */
function le16Within(bytes: Uint8Array, at: number, end: number): number {
  return at + 2 > end ? 0 : le16(bytes, at)
}
