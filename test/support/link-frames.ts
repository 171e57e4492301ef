// Frames without IP as they are on a network, written by hand: ARP, spanning tree, LLDP, CDP, IPX, PPPoE discovery, 802.11.
import { arp, ethernet, hex, join, mac, raw, u16, vlan } from './build.ts'
import { type Packet, pcap } from './capture-files.ts'

export const EVERYBODY = hex('ff ff ff ff ff ff')
const SPANNING_TREE = hex('01 80 c2 00 00 00')
export const LLDP = hex('01 80 c2 00 00 0e')
const CISCO = hex('01 00 0c cc cc cc')
/** Of blocks that IEEE registers for Cisco, Hewlett Packard and the Raspberry Pi Foundation. */
const SWITCH = hex('00 1b 54 aa 00 01')
const PRINTER = hex('00 1b 78 0c 00 07')
const BOARD = hex('b8 27 eb 12 34 56')

/** IEEE 802.3: a length in the place of the EtherType, then LLC. */
const llc = (target: Uint8Array, source: Uint8Array, content: Uint8Array): Uint8Array => join(target, source, u16(content.length), content)

const BPDU = hex('42 42 03 00 00 00 00 00 80 00 00 1b 54 aa 00 01 00 00 00 00 80 00 00 1b 54 aa 00 01 80 01 00 00 14 00 02 00 0f 00')
const LLDPDU = hex('02 07 04 00 1b 54 aa 00 01 04 05 05 67 69 30 31 06 02 00 78 00 00')
const CDP = hex('aa aa 03 00 00 0c 20 00 02 b4 00 00 00 01 00 0a 73 77 69 74 63 68')
const IPX = hex('ff ff 00 22 00 11 00 00 00 00 ff ff ff ff ff ff 04 53 00 00 00 00 00 1b 78 0c 00 07 04 53 00 01 ff ff ff ff')
const PADI = hex('11 09 00 00 00 04 01 01 00 00')

/** One frame after the other: sender, receiver and protocol differ. */
export const LINK_FRAMES: Uint8Array[] = [
  ethernet(arp('192.168.7.10', '192.168.7.1', PRINTER), PRINTER, EVERYBODY),
  ethernet(arp('192.168.7.1', '192.168.7.10', BOARD), BOARD, PRINTER),
  llc(SPANNING_TREE, SWITCH, BPDU),
  ethernet(raw(0x88cc, LLDPDU), SWITCH, LLDP),
  llc(CISCO, SWITCH, CDP),
  llc(EVERYBODY, PRINTER, IPX),
  ethernet(raw(0x8863, PADI), BOARD, EVERYBODY),
  ethernet(vlan(7, arp('192.168.7.10', '192.168.7.1', PRINTER)), PRINTER, EVERYBODY),
  llc(SPANNING_TREE, SWITCH, BPDU),
]

export const LINK_FIRST_US = 1_773_738_000_000_000

/** The frames above, 2 seconds apart; the first one a second time at the end. */
export function linkCapture(): Uint8Array {
  const frames = [...LINK_FRAMES, LINK_FRAMES[0]]
  return pcap(frames.map((bytes, i): Packet => ({ atUs: LINK_FIRST_US + i * 2_000_000, bytes })))
}

/** IEEE 802.11: a beacon, data without IP in each direction, an RTS, and an acknowledgment, which does not say who sends it. */
export function wlanCapture(): Uint8Array {
  const [access, station, wired] = [mac(1), mac(2), mac(3)]
  const snapArp = join(hex('aa aa 03 00 00 00 08 06'), arp('192.168.7.10', '192.168.7.1').bytes)
  const frames = [
    join(hex('80 00 00 00'), EVERYBODY, access, access, hex('00 00'), new Uint8Array(12)),
    join(hex('08 01 00 00'), access, station, wired, hex('10 00'), snapArp),
    join(hex('08 02 00 00'), station, access, wired, hex('20 00'), snapArp),
    join(hex('08 03 00 00'), access, mac(9), wired, hex('30 00'), station, snapArp),
    join(hex('b4 00 00 00'), station, access),
    join(hex('d4 00 00 00'), station),
  ]
  const packets = frames.map((bytes, i): Packet => ({ atUs: LINK_FIRST_US + i * 1000, bytes }))
  return pcap(packets, { linkType: 105 })
}
