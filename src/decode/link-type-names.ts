// Link types that are counted and not decoded -> their names.

/** Link types of networks without IP hosts. */
const OTHER_LINK_TYPES = new Map<number, string>([
  [139, 'SS7 MTP2'],
  [140, 'SS7 MTP2'],
  [141, 'SS7 MTP3'],
  [142, 'SS7 SCCP'],
  [144, 'IrDA'],
  [165, 'BACnet MS/TP'],
  [177, 'LAPD'],
  [186, 'USB'],
  [187, 'Bluetooth HCI'],
  [189, 'USB'],
  [190, 'CAN'],
  [199, 'IPMB'],
  [201, 'Bluetooth HCI'],
  [203, 'LAPD'],
  [209, 'I2C'],
  [210, 'FlexRay'],
  [212, 'LIN'],
  [220, 'USB'],
  [224, 'Fibre Channel'],
  [225, 'Fibre Channel'],
  [227, 'CAN'],
  [231, 'D-Bus'],
  [235, 'DVB-CI'],
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
  [288, 'USB'],
])

/** Link types that may carry IP but are not decoded. */
const UNREAD_LINK_TYPES = new Map<number, string>([
  [114, 'LocalTalk'],
  [118, 'Cisco IOS'],
  [132, 'Juniper encryption services'],
  [164, 'Juniper monitor'],
  [169, 'GPRS LLC'],
  [174, 'Juniper PIC peer'],
  [194, 'Juniper integrated services'],
  [195, 'IEEE 802.15.4'],
  [200, 'Juniper secure tunnel'],
  [207, 'LAPB'],
  [215, 'IEEE 802.15.4'],
  [230, 'IEEE 802.15.4'],
  [233, 'Juniper SRX'],
  [243, 'MPEG transport stream'],
  [283, 'IEEE 802.15.4'],
])

/** The text in skipped.reason for a packet of a link type that is not decoded. */
export function describeLinkType(linkType: number): string {
  const other = OTHER_LINK_TYPES.get(linkType)
  if (other !== undefined) return `not IP: ${other} (link type ${linkType})`
  const unread = UNREAD_LINK_TYPES.get(linkType)
  return unread === undefined ? `unsupported: link type ${linkType}` : `unsupported: ${unread} (link type ${linkType})`
}
