// Hardware addresses as text.

/** Six bytes at `at`, lower case with colons. */
export function formatMac(bytes: Uint8Array, at: number): string {
  let text = ''
  for (let i = 0; i < 6; i++) text += (i > 0 ? ':' : '') + (bytes[at + i] < 16 ? '0' : '') + bytes[at + i].toString(16)
  return text
}

const LINKTYPE_ETHERNET = 1
const LINKTYPE_LINUX_SLL = 113
/** The same in both. */
const SENDER_AT = 6

/** Who sent the frame that begins at `start`, '' where the link layer does not say. */
export function senderMac(bytes: Uint8Array, start: number, end: number, linkType: number): string {
  const isKnown = linkType === LINKTYPE_ETHERNET || linkType === LINKTYPE_LINUX_SLL
  return isKnown && end - start >= 12 ? formatMac(bytes, start + SENDER_AT) : ''
}
