// Masters that poll and command an industrial controller, and a machine that begins to command it later.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import { hex, join, u16 } from '../support/build.ts'
import type { World } from './world.ts'

export type Protocol = 'modbus' | 's7comm' | 'dnp3' | 'ethernet-ip' | 'iec104'

const le16 = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8)
/** Modbus Messaging on TCP/IP 3.1.3: MBAP header, function, data. */
const modbus = (code: number, data: Uint8Array): Uint8Array => join(u16(1), u16(0), u16(2 + data.length), 1, code, data)
/** TPKT, COTP data, and an S7 job with one parameter. */
const s7 = (code: number): Uint8Array => join(hex('0300 0021 02f080 32 01 0000 0001'), u16(14), u16(0), code, new Uint8Array(15))
/** The check of DNP3 (IEEE 1815, 9.2.4.3): x16+x13+x12+x11+x10+x8+x6+x5+x2+1, reflected and inverted. */
function checked(block: Uint8Array): Uint8Array {
  let check = 0
  for (const byte of block) {
    check ^= byte
    for (let bit = 0; bit < 8; bit++) check = check & 1 ? (check >> 1) ^ 0xa6bc : check >> 1
  }
  return join(block, le16(check ^ 0xffff))
}
/** Link header, then transport, application control, function and objects of class 1. */
const dnp3 = (code: number): Uint8Array => join(checked(hex('0564 0b c4 0100 0200')), checked(join(hex('c0 c0'), code, hex('3c0206'))))
/** CIP inside SendRRData: a null address item, then the message. */
const cip = (service: number): Uint8Array => {
  const message = join(service, 2, hex('2004 2401'), u16(7))
  const items = join(le16(2), le16(0), le16(0), le16(0x00b2), le16(message.length), message)
  return join(hex('6f00'), le16(6 + items.length), hex('01000000 00000000 0000000000000000 00000000'), hex('00000000 0500'), items)
}
/** An APDU in I format with one ASDU. */
const iec104 = (type: number): Uint8Array => join(0x68, 14, hex('0000 0000'), type, 1, hex('06 00 0100 010000 01'))

const MESSAGES: Record<Protocol, { port: number; hello: Uint8Array[]; poll: Uint8Array; command: Uint8Array }> = {
  modbus: { port: 502, hello: [], poll: modbus(3, hex('0000 000a')), command: modbus(6, hex('0001 0064')) },
  s7comm: { port: 102, hello: [], poll: s7(0x04), command: s7(0x29) },
  dnp3: { port: 20_000, hello: [], poll: dnp3(1), command: dnp3(5) },
  'ethernet-ip': {
    port: 44_818,
    hello: [hex('6500 0400 00000000 00000000 0000000000000000 00000000 0100 0000')],
    poll: cip(0x0e),
    command: cip(0x10),
  },
  iec104: { port: 2404, hello: [hex('68 04 07 00 00 00')], poll: iec104(100), command: iec104(45) },
}

/** Polls every two seconds, with a command after every tenth where it may. */
function converse(world: World, atS: number, master: string, plc: string, protocol: Protocol, polls: number, everyTenth: boolean): void {
  const { port, hello, poll, command } = MESSAGES[protocol]
  const exchanges = [...hello, ...Array.from({ length: polls }, (_, i) => (everyTenth && i % 10 === 9 ? command : poll))]
  const turns = exchanges.flatMap((data, i): Turn[] => [
    { from: 'client', data, afterUs: i === 0 ? 0 : 2_000_000 },
    { from: 'server', data: join(data, hex('00')) },
  ])
  world.tcp(world.at(atS), world.outward(master, { name: '', ip: plc, rttMs: 0.5 }, port), turns)
}

/** The seconds after which the new machine begins. */
const KNOWN_S = 320

/** A master and its double, both there from the beginning, poll and command; a new machine commands later. */
export function newMaster(world: World, atS: number, protocol: Protocol): void {
  const [master, double, plc, intruder] = [world.newcomer(), world.newcomer(), world.newcomer(), world.newcomer()]
  converse(world, atS, master, plc, protocol, 170, true)
  converse(world, atS + 20, double, plc, protocol, 150, true)
  converse(world, atS + KNOWN_S + 10, intruder, plc, protocol, 10, true)
  world.label('controller-change', protocol, intruder, plc, atS + KNOWN_S, atS + KNOWN_S + 60)
}

/** Commands from outside. */
export function outsideMaster(world: World, atS: number, protocol: Protocol): void {
  const [plc, intruder] = [world.newcomer(), world.outsider()]
  const { port, hello, command } = MESSAGES[protocol]
  const turns = [...hello, command].flatMap((data): Turn[] => [
    { from: 'client', data, afterUs: 100_000 },
    { from: 'server', data: join(data, hex('00')) },
  ])
  world.tcp(
    world.at(atS),
    { client: intruder, clientPort: world.port(), server: plc, serverPort: port, serverDelayUs: 300, clientDelayUs: 40_000 },
    turns,
  )
  world.label('controller-change', `${protocol} from outside`, intruder, plc, atS, atS + 5)
}
