// Lines of a list -> texts that may be indicators. The format is detected from the content: plain lines, hosts files, Spamhaus DROP
// (text, JSON lines), abuse.ch CSV and JSON, and similar formats.

/** Names of CSV columns and JSON members that contain an indicator. */
const INDICATOR_NAMES = new Set(
  'ip ip_address ipaddress dst_ip dstip src_ip cidr network prefix url host hostname domain fqdn ioc ioc_value indicator value ja4 ja4_fingerprint'.split(
    ' ',
  ),
)
/** A member of a JSON object whose value is a text. */
const JSON_MEMBER = /"([A-Za-z0-9_]{1,40})"\s*:\s*"((?:[^"\\]|\\.){1,2048})"/g
/** Addresses to which hosts files redirect blocked names. */
const NOWHERE = new Set(['0.0.0.0', '127.0.0.1', '::', '::1', '255.255.255.255', 'fe80::1%lo0'])
/** Names that hosts files contain for the computer itself. */
const OWN_NAMES = new Set([
  'localhost',
  'localhost.localdomain',
  'local',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-allnodes',
])

const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/

/** Result for one line: no texts, or texts of which at least one should be an indicator. */
export type ListLine = { kind: 'nothing' } | { kind: 'texts'; texts: string[]; isAnyEnough: boolean }

const NOTHING: ListLine = { kind: 'nothing' }

export class ListFormat {
  private isJson: boolean | null = null
  /** Indexes of the CSV columns from the header; null before a header was read. */
  private columns: number[] | null = null

  read(line: string): ListLine {
    const text = line.trim()
    if (text === '') return NOTHING
    this.isJson ??= text.startsWith('{') || /^\[(?!Adblock)/.test(text)
    if (this.isJson) return readJson(text)
    if (isComment(text)) {
      this.readHeader(text.replace(/^[#;/!\s]+/, ''))
      return NOTHING
    }
    return text.includes(',') || text.startsWith('"') ? this.readCsv(text) : readPlain(text)
  }

  /** abuse.ch writes the CSV header as a comment. */
  private readHeader(text: string): boolean {
    if (!text.includes(',')) return false
    const names = splitCsv(text).map((name) => name.toLowerCase())
    const columns = names.flatMap((name, i) => (INDICATOR_NAMES.has(name) ? [i] : []))
    if (columns.length === 0) return false
    this.columns = columns
    return true
  }

  private readCsv(text: string): ListLine {
    if (this.columns === null && this.readHeader(text)) return NOTHING
    const fields = splitCsv(text)
    const texts = this.columns === null ? fields : this.columns.flatMap((i) => (fields[i] === undefined ? [] : [fields[i]]))
    return { kind: 'texts', texts, isAnyEnough: true }
  }
}

/** Comments of text lists, CSV files and ad blocker lists. */
function isComment(text: string): boolean {
  const first = text[0]
  return first === '#' || first === ';' || first === '!' || text.startsWith('//') || text.startsWith('[Adblock')
}

/** JSON is read line by line, so that the line number of an entry is known and a document of any size can be read. */
function readJson(text: string): ListLine {
  const texts: string[] = []
  for (const [, name, value] of text.matchAll(JSON_MEMBER)) {
    if (INDICATOR_NAMES.has(name.toLowerCase())) texts.push(value.replaceAll('\\/', '/'))
  }
  // "1.2.3.4:80": [...] as in ThreatFox and SSLBL, and arrays of texts.
  if (texts.length === 0) {
    const lone = /^"([^"\\]{4,256})"\s*(?::\s*[[{].*)?,?$/.exec(text)
    if (lone !== null && /[.:]/.test(lone[1])) texts.push(lone[1])
  }
  return texts.length === 0 ? NOTHING : { kind: 'texts', texts, isAnyEnough: true }
}

/** An entry with an optional comment, or a line of a hosts file: an address and its names. */
function readPlain(text: string): ListLine {
  const plain = withoutComment(text)
  const words = plain.split(/\s+/)
  if (words.length > 1 && NOWHERE.has(words[0].toLowerCase())) {
    const names = words.slice(1).filter((name) => !OWN_NAMES.has(name.toLowerCase()) && !NOWHERE.has(name))
    return names.length === 0 ? NOTHING : { kind: 'texts', texts: names, isAnyEnough: false }
  }
  // "1.2.3.4 - 1.2.3.9" and DShield's first and last address are one text; otherwise the words after the first are a description.
  const isRange = words.length > 1 && ADDRESS.test(words[0]) && ADDRESS.test(words[1])
  return { kind: 'texts', texts: [isRange ? `${words[0]} - ${words[1]}` : words[1] === '-' ? plain : words[0]], isAnyEnough: false }
}

/** Without what follows a semicolon, or a "#" after a space. */
function withoutComment(text: string): string {
  const at = text.search(/;|\s#/)
  return at < 0 ? text : text.slice(0, at).trimEnd()
}

/** Fields of a CSV line (RFC 4180), trimmed. As in abuse.ch files, a quote may follow a comma and a space. */
function splitCsv(line: string): string[] {
  const fields: string[] = []
  let at = 0
  while (at <= line.length) {
    while (line[at] === ' ') at++
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at)
      const end = comma < 0 ? line.length : comma
      fields.push(line.slice(at, end).trim())
      at = end + 1
      continue
    }
    let field = ''
    at++
    while (at < line.length && (line[at] !== '"' || line[at + 1] === '"')) {
      if (line[at] === '"') at++
      field += line[at++]
    }
    fields.push(field.trim())
    const comma = line.indexOf(',', at)
    at = comma < 0 ? line.length + 1 : comma + 1
  }
  return fields
}
