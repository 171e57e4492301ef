// Counters of the TCP segments of each end.

/** Counters for the end that sends the segments, in the terms of Wireshark's TCP analysis. */
export const TCP_COUNTERS = [
  'dataSegments',
  /** All repeated segments, including fast and spurious retransmissions. */
  'retransmissions',
  'fastRetransmissions',
  'spuriousRetransmissions',
  'outOfOrder',
  'duplicateAcks',
  /** Segments before which segments are missing in the capture. */
  'lostSegments',
  /** ACKs of segments that are not in the capture: lost by the capture, not by the network. */
  'unseenSegments',
  'zeroWindows',
  'windowFull',
  'keepAlives',
] as const
export type TcpCounter = (typeof TCP_COUNTERS)[number]
