// What is counted of the TCP segments of each end.

/** Of the end that sends the segments, in the terms of Wireshark's TCP analysis. */
export const TCP_COUNTERS = [
  'dataSegments',
  /** All repeated segments; fast and spurious ones too. */
  'retransmissions',
  'fastRetransmissions',
  'spuriousRetransmissions',
  'outOfOrder',
  'duplicateAcks',
  /** Segments before which others are not in the capture. */
  'lostSegments',
  /** ACKs of segments that are not in the capture: the capture lost them, not the network. */
  'unseenSegments',
  'zeroWindows',
  'windowFull',
  'keepAlives',
] as const
export type TcpCounter = (typeof TCP_COUNTERS)[number]
