// The first bytes of a file that is not pcap or pcapng -> a text that says what it is and what to do, or the offset of a capture in them.
import { isPcapHeader } from './pcap-header.ts'
import { isSectionHeader } from './pcapng-blocks.ts'

interface Kind {
  name: string
  /** Signatures in hex ("..": any byte), at `at` or at offset 0; or a test of the first bytes as latin1 text. */
  begins?: string[]
  at?: number
  test?: (text: string) => boolean
  advice: string
}

const WIRESHARK = 'editcap, which comes with Wireshark, converts it: editcap -F pcapng FILE capture.pcapng'
const BINARY = 'copy the original again in binary mode (FTP: binary; git: no autocrlf)'
const SAVE = 'give the file that the packets were written to: tcpdump -w FILE, tshark -w FILE'

/** Formats with a binary signature; those of capture formats are from Wireshark's wiretap. The first match is used. */
const BINARY_KINDS: Kind[] = [
  { name: 'a ZIP archive', begins: ['504b0304', '504b0506', '504b0708'], advice: 'unpack it: unzip FILE' },
  { name: 'xz-compressed', begins: ['fd377a585a00'], advice: 'unpack it: xz -dc FILE | rtnvis analyze -' },
  { name: 'bzip2-compressed', begins: ['425a6831', '425a683.'], advice: 'unpack it: bzip2 -dc FILE | rtnvis analyze -' },
  { name: 'lz4-compressed', begins: ['04224d18', '02214c18'], advice: 'unpack it: lz4 -dc FILE | rtnvis analyze -' },
  { name: 'lzip-compressed', begins: ['4c5a4950'], advice: 'unpack it: lzip -dc FILE | rtnvis analyze -' },
  {
    name: 'LZMA-compressed',
    begins: ['5d0000..00', '5d0000....ffffffff'],
    advice: 'unpack it: xz --format=lzma -dc FILE | rtnvis analyze -',
  },
  { name: 'compressed by compress(1)', begins: ['1f9d', '1fa0'], advice: 'unpack it: gzip -dc FILE | rtnvis analyze -' },
  { name: 'lzop-compressed', begins: ['894c5a4f000d0a1a0a'], advice: 'unpack it: lzop -dc FILE | rtnvis analyze -' },
  { name: 'Snappy-compressed', begins: ['ff060000734e61507059'], advice: 'unpack it: snzip -dc FILE | rtnvis analyze -' },
  { name: 'gzip-compressed', begins: ['1f8b08'], advice: 'unpack it: gzip -dc FILE | rtnvis analyze -' },
  { name: 'zstd-compressed', begins: ['28b52ffd', '5.2a4d18'], advice: 'unpack it: zstd -dc FILE | rtnvis analyze -' },
  { name: 'a 7-Zip archive', begins: ['377abcaf271c'], advice: 'unpack it: 7z x FILE' },
  { name: 'a RAR archive', begins: ['526172211a07'], advice: 'unpack it: unrar x FILE' },
  { name: 'a cabinet archive', begins: ['4d534346'], advice: 'unpack it: cabextract FILE' },
  { name: 'a tar archive', begins: ['7573746172'], at: 257, advice: 'unpack it: tar -xf FILE' },
  { name: 'an ar archive', begins: ['213c617263683e0a'], advice: 'give the capture itself' },
  { name: 'a capture by snoop (RFC 1761)', begins: ['736e6f6f70000000'], advice: WIRESHARK },
  { name: 'a capture by Microsoft Network Monitor', begins: ['474d4255', '52545353'], advice: WIRESHARK },
  { name: 'a Sniffer capture', begins: ['54524e49464620646174612020202020'], advice: WIRESHARK },
  { name: 'a NetXRay or Windows Sniffer capture', begins: ['58435000', '56434600'], advice: WIRESHARK },
  { name: 'a capture by iptrace', begins: ['6970747261636520312e30', '6970747261636520322e30'], advice: WIRESHARK },
  { name: 'a NetScaler trace', begins: ['4e65745363616c6572', '4e535452', '....4e65745363616c6572'], advice: WIRESHARK },
  { name: 'a Vector BLF log', begins: ['4c4f4747'], advice: WIRESHARK },
  { name: 'a Bluetooth capture (btsnoop)', begins: ['6274736e6f6f7000'], advice: `${WIRESHARK}; it contains no IP packets` },
  { name: 'an Endace ERF capture', test: isErf, advice: WIRESHARK },
  { name: 'an Apple PacketLogger trace', test: isPacketLogger, advice: `${WIRESHARK}; it contains Bluetooth, not IP packets` },
  { name: 'a LANalyzer capture', begins: ['01104c00', '07104c00'], advice: WIRESHARK },
  { name: 'an EtherPeek or OmniPeek capture', begins: ['7f766572'], advice: WIRESHARK },
  { name: 'a Visual Networks capture', begins: ['05564e46'], advice: WIRESHARK },
  { name: 'a capture by HP-UX nettl', begins: ['000000010000000007d000', '5452006400'], advice: WIRESHARK },
  { name: 'a Microsoft event trace (ETL)', test: isEtl, advice: 'convert it with etl2pcapng: etl2pcapng FILE capture.pcapng' },
  { name: 'an Observer capture', begins: ['4f62736572766572506b74427566666572'], advice: WIRESHARK },
  { name: 'a CommView capture', begins: ['4e434658'], advice: WIRESHARK },
  { name: 'a 5Views capture', begins: ['aaaaaaaa'], advice: WIRESHARK },
  { name: 'a Tektronix K12 capture', begins: ['0000020012050010'], advice: WIRESHARK },
  { name: 'a systemd journal', begins: ['4c504b5348485248'], advice: 'give a capture of packets' },
  { name: 'a Windows event log', begins: ['456c6646696c6500'], advice: 'give a capture of packets' },
  {
    name: 'an SQLite database',
    begins: ['53514c69746520666f726d6174203300'],
    advice: 'give the capture; a report is opened with rtnvis serve',
  },
  { name: 'a program (ELF)', begins: ['7f454c46'], advice: 'give the capture' },
  { name: 'a Windows program', begins: ['4d5a'], advice: 'give the capture' },
  { name: 'a PDF', begins: ['25504446'], advice: 'give the capture' },
  { name: 'a picture', begins: ['89504e470d0a1a0a', 'ffd8ff', '47494638'], advice: 'give the capture' },
  { name: 'a nfdump file of flows', begins: ['0ca5', 'a50c'], advice: 'print it for rtnvis: TZ=UTC nfdump -r FILE -o json' },
  { name: 'a pcapng that was copied as text', begins: ['0d0a0d0d0d0a', '0a0d0a1c', '0a0a0a', '0d0a0d0a', '0a0d0a'], advice: BINARY },
  {
    name: 'a capture whose bytes were taken for text (UTF-8)',
    begins: ['c394c383c2b2c2a1', 'efbfbdc3b2efbfbd', 'c2a1c2b2c383c394', 'efbfbdefbfbdefbfbdefbfbd02'],
    advice:
      'write it again without a terminal or shell between that changes bytes (kubectl exec without -t, ssh without -t, no PowerShell ">")',
  },
  {
    name: 'UTF-16 text',
    begins: ['fffe', 'feff'],
    advice: 'PowerShell writes it with ">": let the capturing program write the file itself, e.g. tcpdump -w FILE',
  },
]

/** Text formats; checked only when the file contains no capture. */
const TEXT_KINDS: Kind[] = [
  {
    name: 'a Git LFS pointer and not the file',
    test: (text) => text.startsWith('version https://git-lfs'),
    advice: 'fetch the file: git lfs pull',
  },
  { name: 'a HAR file (HTTP archive)', test: isHar, advice: 'it has no packets: record them with tcpdump, dumpcap or Wireshark' },
  {
    name: 'an HTML page',
    test: (text) => /^\s*(<!doctype html|<html|<head|<\?xml[^>]*>\s*<html)/i.test(text),
    advice: 'the download gave a page and not the file: open it, sign in there, download again',
  },
  { name: 'XML', test: (text) => /^\s*(\xef\xbb\xbf)?<\?xml|^\s*<(pdml|psml)/.test(text), advice: `${SAVE}` },
  { name: 'an HTTP response', test: (text) => /^HTTP\/\d/.test(text), advice: 'save only its body: curl -o FILE, without -i' },
  { name: 'base64 text', test: isBase64, advice: 'decode it: base64 -d FILE | rtnvis analyze -' },
  { name: 'JSON', test: (text) => /^\s*(\xef\xbb\xbf)?[[{]\s*("|\{|\[|\]|\})/.test(text), advice: SAVE },
  {
    name: 'a hex dump',
    test: (text) => /^(0{4,8}[: ] ?\s*[0-9a-f]{2})|^\s*0x0000:/i.test(text),
    advice: 'text2pcap, which comes with Wireshark, converts it to a capture',
  },
  { name: 'what tcpdump prints', test: isTcpdumpText, advice: SAVE },
  {
    name: 'what tshark prints',
    test: (text) => /^\s*\d+\s+\d+\.\d+\s+\S+\s+(\u2192|->|\xe2\x86\x92)/.test(text) || /^Frame \d+: /.test(text),
    advice: SAVE,
  },
  {
    name: 'a Zeek log',
    test: (text) => text.startsWith('#separator'),
    advice: "of Zeek's logs conn.log is read, and dns.log, ssl.log and http.log with it: give them, or the capture that Zeek read",
  },
  { name: 'a table (CSV)', test: (text) => /^"?(No\.|Frame|Time|frame\.number)"?[,;\t]/i.test(text), advice: SAVE },
  { name: 'a PEM file', test: (text) => text.startsWith('-----BEGIN '), advice: 'give the capture' },
  { name: 'a shell script', test: (text) => text.startsWith('#!'), advice: 'give the capture' },
  { name: 'text', test: (text) => /^[\t\r\n\x20-\x7e]{16}/.test(text), advice: SAVE },
]

/** The end of a sentence about a file: what it is, and what to do. */
export function describeForeign(bytes: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 2048))
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const isNo = 'is not a pcap or pcapng capture'
  if (bytes.every((byte) => byte === 0))
    return `${isNo} (byte 0: only zeros): nothing was written to it, or the copy is incomplete; copy it again`
  const kind = [...BINARY_KINDS, ...TEXT_KINDS].find((candidate) => fits(candidate, bytes, text))
  if (kind !== undefined) return `${isNo} but ${kind.name} (byte 0: ${hex}): ${kind.advice}`
  return `${isNo} (byte 0: it begins with ${hex}); Wireshark shows its type, and editcap -F pcapng converts every type that Wireshark reads`
}

/**
 * Offset of a capture after text of the program that sent it: a message of ssh, kubectl or tcpdump, or an HTTP response header. -1 for none,
 * and for archives and other files that contain files.
 */
export function findCapture(bytes: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 2048))
  if (BINARY_KINDS.some((kind) => fits(kind, bytes, text))) return -1
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 1; at + 4 <= bytes.length; at++) if (isPcapHeader(view, at) || isSectionHeader(view, at)) return at
  return -1
}

/** Whether every line feed follows a carriage return; in binary data that is so for one in 256. */
export function looksLikeTextCopy(bytes: Uint8Array): boolean {
  let feeds = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x0a) continue
    if (i === 0 || bytes[i - 1] !== 0x0d) return false
    feeds++
  }
  return feeds >= 3
}

function fits({ begins, at = 0, test }: Kind, bytes: Uint8Array, text: string): boolean {
  return test?.(text) || (begins?.some((hex) => startsWith(bytes.subarray(at), hex)) ?? false)
}

/** @param hex two digits for each byte, "." for any digit */
function startsWith(bytes: Uint8Array, hex: string): boolean {
  const found = Array.from(bytes.subarray(0, hex.length >> 1), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return found.length === hex.length && [...hex].every((digit, i) => digit === '.' || digit === found[i])
}

/** An ERF record: time (8 bytes), type, flags, record length, loss counter, wire length; the next record begins after the record length. */
function isErf(text: string): boolean {
  const type = (at: number) => text.charCodeAt(at + 8) & 0x7f
  const length = (at: number) => (text.charCodeAt(at + 10) << 8) | text.charCodeAt(at + 11)
  const isRecord = (at: number) => type(at) >= 1 && type(at) <= 48 && length(at) >= 16 && text.charCodeAt(at + 7) !== 0
  if (text.length < 32 || !isRecord(0) || length(0) > 4096) return false
  const next = length(0)
  return next + 16 <= text.length ? isRecord(next) : next === text.length
}

/** A PacketLogger record: length, time (8 bytes), type; the next record begins after the length (wiretap/packetlogger.c). */
function isPacketLogger(text: string): boolean {
  const word = (at: number) =>
    ((text.charCodeAt(at) << 24) | (text.charCodeAt(at + 1) << 16) | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3)) >>> 0
  const length = word(0)
  const isType = (at: number) => [0, 1, 2, 3, 8, 9, 0xfb, 0xfc, 0xfe, 0xff].includes(text.charCodeAt(at + 12))
  return (
    text.length > 13 &&
    length >= 9 &&
    length < 1024 &&
    word(8) < 1_000_000 &&
    isType(0) &&
    (4 + length + 13 > text.length || isType(4 + length))
  )
}

/** A WMI_BUFFER_HEADER: a buffer size that is a power of two, and then a trace header. */
function isEtl(text: string): boolean {
  const word = (at: number) => text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8) | (text.charCodeAt(at + 2) << 16)
  const size = word(0)
  return text.length >= 72 && text.charCodeAt(3) === 0 && size >= 4096 && (size & (size - 1)) === 0 && word(4) <= size
}

function isHar(text: string): boolean {
  return /^\s*(\xef\xbb\xbf)?\{\s*"log"\s*:/.test(text)
}

/** Whether a text is base64 of a capture, plain or compressed with gzip. */
function isBase64(text: string): boolean {
  return /^\s*(1MOyoQ|obLD1A|TTyyoQ|obI8TQ|NM2yoQ|Cg0NCg|H4sI|KLUv\/Q)[A-Za-z0-9+/=\r\n]*$/.test(text.slice(0, 512))
}

function isTcpdumpText(text: string): boolean {
  return /^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+ (IP6?|ARP|[0-9a-f]{2}:)/m.test(text.slice(0, 1024)) || text.startsWith('tcpdump: ')
}
