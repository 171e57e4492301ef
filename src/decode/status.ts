// Why a packet is in no flow. Layers return a negative number made of a kind and a detail, so that counting allocates nothing.

/** Truncated: cut by the capture. Malformed: fields contradict each other. Others: valid, but not IP. */
export const Skip = {
  notIp: 1,
  notIpLlc: 2,
  unknownLinkType: 3,
  truncatedLink: 4,
  truncatedIpv4: 5,
  malformedIpv4: 6,
  truncatedIpv6: 7,
  notIpFamily: 9,
  notIpVersion: 10,
  tooManyLayers: 11,
  malformedLink: 12,
  linkControl: 13,
  linkFragment: 14,
  notIpSnap: 15,
  notIpCisco: 16,
  notIpBridged: 17,
  notIpNlpid: 18,
  notIpPpp: 19,
  notIpIsl: 20,
  notIpArcnet: 21,
  notIpInfiniband: 22,
  notIpErf: 23,
  notIpJuniper: 24,
  notIpWlanVersion: 25,
  wlanManagement: 26,
  wlanControl: 27,
  wlanExtension: 28,
  wlanNoData: 29,
  wlanProtected: 30,
  wlanFragment: 31,
  macsecEncrypted: 32,
  docsisEncrypted: 33,
  repeated: 34,
  outsideTime: 35,
  leftOutByOnly: 36,
  leftOutByCaptureFilter: 37,
} as const

/** Success: the packet is in PacketView. */
export const DECODED = 0

/**
 * @param kind one of Skip
 * @param detail 0 to 65535: an EtherType, a link type, ...
 * @returns negative, unique for kind and detail
 */
export function skip(kind: number, detail: number): number {
  return -(kind * 65_536 + detail)
}

/** Left out by --deduplicate. */
export const REPEATED = skip(Skip.repeated, 0)

/** Left out by --from or --to. */
export const OUTSIDE_TIME = skip(Skip.outsideTime, 0)
/** Left out by --only. */
export const LEFT_OUT_BY_ONLY = skip(Skip.leftOutByOnly, 0)
/** Left out by -f. */
export const LEFT_OUT_BY_CAPTURE_FILTER = skip(Skip.leftOutByCaptureFilter, 0)
