// Flags of the TCP header -> their names.

/** Bits of the TCP header, RFC 9293, 3.1, in the order people name them. */
const FLAGS: [number, string][] = [
  [2, 'SYN'],
  [16, 'ACK'],
  [8, 'PSH'],
  [1, 'FIN'],
  [4, 'RST'],
  [32, 'URG'],
  [64, 'ECE'],
  [128, 'CWR'],
]

export function formatTcpFlags(flags: number): string {
  return FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(' ')
}
