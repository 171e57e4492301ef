// Names of the link types that are counted, not read.

/** Link types that are no network of IP hosts, or not read as one, by name. */
const OTHER_LINK_TYPES = new Map<number, string>([
  [8, 'SLIP'],
  [114, 'LocalTalk'],
  [139, 'SS7 MTP2'],
  [140, 'SS7 MTP2'],
  [141, 'SS7 MTP3'],
  [142, 'SS7 SCCP'],
  [144, 'IrDA'],
  [160, 'user-defined (13)'],
  [165, 'BACnet MS/TP'],
  [177, 'LAPD'],
  [186, 'USB'],
  [187, 'Bluetooth HCI'],
  [189, 'USB'],
  [190, 'CAN'],
  [195, 'IEEE 802.15.4'],
  [199, 'IPMB'],
  [201, 'Bluetooth HCI'],
  [203, 'LAPD'],
  [209, 'I2C'],
  [210, 'FlexRay'],
  [212, 'LIN'],
  [215, 'IEEE 802.15.4'],
  [220, 'USB'],
  [224, 'Fibre Channel'],
  [225, 'Fibre Channel'],
  [227, 'CAN'],
  [230, 'IEEE 802.15.4'],
  [231, 'D-Bus'],
  [235, 'DVB-CI'],
  [243, 'MPEG transport stream'],
  [245, 'NFC'],
  [249, 'USB'],
  [251, 'Bluetooth Low Energy'],
  [252, 'Wireshark upper layer'],
  [253, 'Linux Netlink'],
  [254, 'Bluetooth monitor'],
  [255, 'Bluetooth BR/EDR'],
  [256, 'Bluetooth Low Energy'],
  [262, 'Z-Wave'],
  [264, 'ISO 14443'],
  [266, 'USB'],
  [270, 'LoRaWAN'],
  [271, 'virtual machine socket'],
  [272, 'Bluetooth Low Energy'],
  [283, 'IEEE 802.15.4'],
  [288, 'USB'],
])

/** The text in skipped.reason for a packet of a link type that is not read. */
export function describeLinkType(linkType: number): string {
  const name = OTHER_LINK_TYPES.get(linkType)
  return name === undefined ? `unsupported: link type ${linkType}` : `not IP: ${name} (link type ${linkType})`
}
