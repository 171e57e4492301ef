// Files in FTP, mails and SMB -> their SHA-256: what tshark extracts from the same capture, hashed by Node; nothing where a byte is missing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { readIncidents } from '../../src/report/incidents.ts'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { join } from '../support/build.ts'
import { CLIENT, Conversation, pcapOf, SEGMENT, SERVER } from '../support/conversation.ts'
import { le, smb } from '../support/smb.ts'
import { message, smb1 } from '../support/smb1.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** No pattern that would hide a repeated or missing part; all values of a byte. */
const CONTENT = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 7 + i * 13 + (i >> 8)) & 0xff)
async function files(frames: Uint8Array[]): Promise<string[]> {
  const of = "FROM identities i JOIN hosts h ON h.id = host_id WHERE kind = 'file' ORDER BY frame"
  return rows(await analyzeBytes(pcapOf(frames)), ['ip', 'source', 'value', 'frame'], of).map(
    ({ ip, source, value, frame }) => `${ip} ${source} ${value} frame ${frame}`,
  )
}

/** What tshark extracts: the SHA-256 of each object. */
function exported(frames: Uint8Array[], protocol: string): string[] {
  const folder = mkdtempSync(`${tmpdir()}/rtnvis-objects-`)
  try {
    writeFileSync(`${folder}/a.pcap`, pcapOf(frames))
    mkdirSync(`${folder}/objects`)
    spawnSync('tshark', ['-q', '-r', `${folder}/a.pcap`, '--export-objects', `${protocol},${folder}/objects`])
    return readdirSync(`${folder}/objects`).map((name) => digest(readFileSync(`${folder}/objects/${name}`)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Transfer {
  commands?: string[]
  announce?: 'PASV' | 'PASV behind NAT' | 'EPSV' | 'PORT' | 'EPRT'
  verb?: string
  content?: Uint8Array
}

/** A session of FTP: a login, and one file; the data connection is the frames from `data` on. */
function ftp({ commands = ['TYPE I'], announce = 'PASV', verb = 'RETR', content = CONTENT }: Transfer = {}): {
  frames: Uint8Array[]
  data: number
} {
  const frames: Uint8Array[] = []
  const control = new Conversation(frames, 40_000, 21)
  const ask = (line: string, reply: string) => control.send('client', `${line}\r\n`).send('server', `${reply}\r\n`)
  control.send('server', '220 files.example FTP server\r\n')
  ask('USER anonymous', '331 Password')
  ask('PASS guest@', '230 Welcome')
  for (const command of commands) ask(command, '200 Done')
  const isPassive = announce !== 'PORT' && announce !== 'EPRT'
  if (announce === 'PASV') ask('PASV', '227 Entering Passive Mode (203,0,113,9,195,80)')
  if (announce === 'PASV behind NAT') ask('PASV', '227 Entering Passive Mode (192,168,7,1,195,80).')
  if (announce === 'EPSV') ask('EPSV', '229 Entering Extended Passive Mode (|||50000|)')
  if (announce === 'PORT') ask('PORT 10,0,0,5,195,80', '200 Done')
  if (announce === 'EPRT') ask('EPRT |1|10.0.0.5|50000|', '200 Done')
  const data = frames.length
  const open = () => (isPassive ? new Conversation(frames, 40_001, 50_000) : new Conversation(frames, 50_000, 20, 'server'))
  const early = isPassive ? open() : null
  ask(`${verb} docs/Report.bin`, '150 Opening BINARY mode data connection')
  const channel = early ?? open()
  channel.send(verb === 'STOR' ? 'client' : 'server', content)
  channel.close()
  control.send('server', '226 Transfer complete\r\n')
  return { frames, data }
}

describe('a file in FTP', () => {
  it.each(['PASV', 'PASV behind NAT', 'EPSV', 'PORT', 'EPRT'] as const)('announced by %s', async (announce) => {
    const { frames } = ftp({ announce })
    const begin = frames.findIndex((frame) => frame.includes(CONTENT[40]) && frame.length > SEGMENT) + 1
    expect(await files(frames)).toEqual([`${SERVER} ftp docs/Report.bin ${digest(CONTENT)} frame ${begin}`])
    // tshark 4.0 follows neither a private address of a public server nor EPRT.
    if (announce !== 'EPRT' && announce !== 'PASV behind NAT') expect(exported(frames, 'ftp-data')).toEqual([digest(CONTENT)])
  })

  it('that is uploaded is the client’s', async () => {
    expect(await files(ftp({ verb: 'STOR' }).frames)).toEqual([expect.stringMatching(`^${CLIENT} ftp docs/Report.bin ${digest(CONTENT)} `)])
  })

  it.each<[string, Transfer]>([
    ['a list', { verb: 'LIST' }],
    ['a part of a file', { commands: ['TYPE I', 'REST 100'] }],
    ['something that is put behind a file', { verb: 'APPE' }],
    ['a text whose line ends change', { commands: ['TYPE A'] }],
    ['a text where no type was named', { commands: [] }],
    ['a file without content', { content: new Uint8Array(0) }],
  ])('is not %s', async (_, transfer) => {
    expect(await files(ftp(transfer).frames)).toEqual([])
  })

  it('has no digest where a segment, the SYN, or the end is missing; segments may come twice and late', async () => {
    const { frames } = ftp()
    const segments = frames.flatMap((frame, i) => (frame.length > SEGMENT ? [i] : []))
    const [syn] = frames.flatMap((frame, i) => (frame.length === 54 && i > 2 ? [i + 1] : []))
    const without = (...left: number[]) => frames.filter((_, i) => !left.includes(i))
    expect(segments).toHaveLength(5)
    for (const i of segments) expect(await files(without(i))).toEqual([])
    expect(await files(without(syn))).toEqual([])
    expect(await files(frames.slice(0, segments[4] + 1))).toEqual([])
    const swapped = [
      ...frames.slice(0, segments[0]),
      ...segments.map((i) => frames[i]).reverse(),
      frames[segments[2]],
      ...frames.slice(segments[4] + 1),
    ]
    expect(await files(swapped)).toHaveLength(1)
  })

  it('is an indicator of the incident that its conversation belongs to', async () => {
    const { frames } = ftp({ content: join(...Array.from({ length: 2200 }, () => CONTENT)), verb: 'STOR' })
    const database = await analyzeBytes(pcapOf(frames))
    const indicators = readIncidents(database).flatMap((incident) => incident.indicators)
    const large = digest(join(...Array.from({ length: 2200 }, () => CONTENT)))
    expect(indicators.filter(({ kind }) => kind === 'file')).toMatchObject([
      { value: large, frame: frames.findIndex((f) => f.length > SEGMENT) + 1 },
    ])
  })
})

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')
const quoted = (bytes: Uint8Array) =>
  [...bytes].map((byte, i) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}${i % 20 === 19 ? '=\r\n' : ''}`).join('')

/** @param chunks where the mail is cut into chunks that BDAT announces; without them, it is sent by DATA */
function mail(text: string, chunks: number[] | null = null, announced = (length: number) => `${length}`): Uint8Array[] {
  const frames: Uint8Array[] = []
  const smtp = new Conversation(frames, 40_100, 25)
  smtp.send('server', '220 mx.example ESMTP\r\n')
  const ask = (line: string, reply: string) => smtp.send('client', line).send('server', `${reply}\r\n`)
  ask('EHLO pc\r\n', '250 mx.example')
  ask('MAIL FROM:<a@example.com>\r\n', '250 Done')
  if (chunks === null) {
    ask('RCPT TO:<b@example.com>\r\n', '250 Done')
    ask('DATA\r\n', '354 End with a dot')
    ask(`${text}\r\n.\r\n`, '250 Queued')
  } else {
    const pieces = [...chunks, text.length].map((to, i) => text.slice(chunks[i - 1] ?? 0, to))
    for (const [i, piece] of pieces.entries())
      ask(
        `${i === 0 ? 'RCPT TO:<b@example.com>\r\n' : ''}BDAT ${announced(piece.length)}${i === chunks.length ? ' LAST' : ''}\r\n${piece}`,
        '250 Done',
      )
  }
  ask('QUIT\r\n', '221 Bye')
  smtp.close()
  return frames
}

const part = (headers: string, content: string) => `\r\n--outer 1\r\n${headers}\r\n\r\n${content}`
const whole = (...parts: string[]) =>
  `From: a@example.com\r\nSubject: Two files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="outer 1"\r\n\r\nThis is MIME.${parts.join('')}\r\n--outer 1--`
const inBase64 = part(
  'Content-Type: application/pdf; name="x.pdf"\r\nContent-Disposition: attachment;\r\n filename="Invoice 7.pdf"\r\nContent-Transfer-Encoding: base64',
  base64(CONTENT),
)
const inQuoted = part(
  'Content-Type: application/octet-stream; name=b.bin\r\nContent-Transfer-Encoding: quoted-printable',
  quoted(CONTENT.subarray(100)),
)
const dots = '.first\r\n..second\r\nlast'
const inPlain = part('content-disposition: ATTACHMENT; filename=t.txt', dots.replace(/^\./gm, '..'))

/** Attachments of mails (*.eml in a folder), by Python's own parser. */
function attachmentsIn(folder: string): string[] {
  const script = `import email,glob,hashlib
for name in glob.glob('${folder}/*.eml'):
  for p in email.message_from_binary_file(open(name,'rb')).walk():
    if p.get_filename(): print(p.get_filename(), hashlib.sha256(p.get_payload(decode=True)).hexdigest())`
  return spawnSync('python3', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n')
}

/** Of the mails that tshark extracts from a capture. */
function attachments(frames: Uint8Array[]): string[] {
  const folder = mkdtempSync(`${tmpdir()}/rtnvis-mails-`)
  try {
    writeFileSync(`${folder}/a.pcap`, pcapOf(frames))
    spawnSync('tshark', ['-q', '-r', `${folder}/a.pcap`, '--export-objects', `imf,${folder}`])
    return attachmentsIn(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function attachmentsOf(text: string): string[] {
  const folder = mkdtempSync(`${tmpdir()}/rtnvis-mails-`)
  try {
    writeFileSync(`${folder}/a.eml`, text)
    return attachmentsIn(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('a file attached to a mail', () => {
  it('is decoded from base64 and quoted-printable, as tshark and Python do', async () => {
    const frames = mail(whole(part('Content-Type: text/plain', 'Hello\r\n'), inBase64, inQuoted))
    const found = (await files(frames)).map((row) => row.replace(/ frame \d+$/, ''))
    expect(found).toEqual([`${CLIENT} smtp Invoice 7.pdf ${digest(CONTENT)}`, `${CLIENT} smtp b.bin ${digest(CONTENT.subarray(100))}`])
    expect(attachments(frames)).toEqual([`Invoice 7.pdf ${digest(CONTENT)}`, `b.bin ${digest(CONTENT.subarray(100))}`])
  })

  it('in plain text has its own dots, and not the line end before the boundary', async () => {
    expect(await files(mail(whole(inPlain)))).toEqual([expect.stringContaining(` smtp t.txt ${digest(join(dots))} `)])
  })

  it('is found in a multipart within another, and in a mail that is passed on', async () => {
    const inner = `Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\nContent-Disposition: attachment; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(CONTENT)}\r\n--inner--`
    const expected = [expect.stringContaining(` smtp a ${digest(CONTENT)} `)]
    expect(await files(mail(whole(part(inner.split('\r\n\r\n')[0], inner.slice(inner.indexOf('\r\n\r\n') + 4)))))).toEqual(expected)
    expect(await files(mail(whole(part('Content-Type: message/rfc822', `Subject: old\r\n${inner}`))))).toEqual(expected)
  })

  it('is the same when the mail is sent in chunks, cut within a line, with lines that begin with a dot', async () => {
    const text = whole(
      part('Content-Type: text/plain', '.\r\n..\r\n'),
      inBase64,
      part('content-disposition: ATTACHMENT; filename=t.txt', dots),
    )
    for (const chunks of [[], [100], [text.indexOf('base64') + 900, text.length - 3], [10, 20, text.length]]) {
      const frames = mail(text, chunks)
      const found = (await files(frames)).map((row) => row.replace(/ frame \d+$/, ''))
      expect(found).toEqual([`${CLIENT} smtp Invoice 7.pdf ${digest(CONTENT)}`, `${CLIENT} smtp t.txt ${digest(join(dots))}`])
      expect(attachmentsOf(text)).toContain(`Invoice 7.pdf ${digest(CONTENT)}`)
      const segments = frames.flatMap((frame, i) => (frame.length > SEGMENT ? [i] : []))
      expect((await files(frames.filter((_, i) => i !== segments[1]))).filter((row) => row.includes('Invoice'))).toEqual([])
    }
    for (const length of ['', '-1', '99999999999', '5 MORE', 'x'.repeat(2000)])
      expect(await files(mail(text, [], () => length))).toEqual([])
  })

  it('has no digest where a segment is missing, or the boundary that ends it', async () => {
    const frames = mail(whole(inBase64))
    const segments = frames.flatMap((frame, i) => (frame.length > SEGMENT ? [i] : []))
    for (const i of segments) expect(await files(frames.filter((_, j) => j !== i))).toEqual([])
    expect(await files(mail(whole(inBase64).replace(/--outer 1--$/, '')))).toEqual([])
  })

  it('is no login, whatever its lines say', async () => {
    const database = await analyzeBytes(pcapOf(mail(whole(part('Content-Type: text/plain', 'AUTH PLAIN AGFsaWNlAHNlY3JldA==')))))
    expect(rows(database, ['rule'], "FROM alerts WHERE rule = 'clear-text-login'")).toEqual([])
  })
})

class Share {
  readonly frames: Uint8Array[] = []
  private readonly conversation = new Conversation(this.frames, 40_200, 445)
  private id = 1

  constructor() {
    this.ask(3, smb.tree('\\\\srv\\share'), smb.treeAnswer())
  }

  ask(command: number, request: Uint8Array, answer: Uint8Array, status = 0): this {
    const id = this.id++
    this.conversation.send('client', smb.framed(smb.header(command, id, false), request))
    this.conversation.send('server', smb.framed(smb.header(command, id, true, 0, status), answer))
    return this
  }

  /** Several questions before the first answer. */
  askAtOnce(command: number, pairs: [Uint8Array, Uint8Array][]): this {
    const first = this.id
    this.id += pairs.length
    for (const [i, [request]] of pairs.entries())
      this.conversation.send('client', smb.framed(smb.header(command, first + i, false), request))
    for (const [i, [, answer]] of pairs.entries())
      this.conversation.send('server', smb.framed(smb.header(command, first + i, true), answer))
    return this
  }
}

const reads = (at: number, to: number): [Uint8Array, Uint8Array] => [smb.read(at, to - at), smb.data(CONTENT.subarray(at, to))]
const writes = (at: number, to: number): [Uint8Array, Uint8Array] => [smb.write(at, CONTENT.subarray(at, to)), smb.written(to - at)]

describe('a file of an SMB share', () => {
  it('that is read whole is what tshark extracts', async () => {
    const { frames } = new Share()
      .ask(5, smb.create('docs\\Plan.bin'), smb.created(1, CONTENT.length))
      .askAtOnce(8, [reads(0, 2000), reads(2000, 4000), reads(4000, 5000)])
      .ask(6, smb.close(), smb.closed())
    expect(await files(frames)).toEqual([expect.stringContaining(`${SERVER} smb docs\\Plan.bin ${digest(CONTENT)} `)])
    expect(exported(frames, 'smb')).toEqual([digest(CONTENT)])
  })

  it('that is written anew is the client’s, complete when it is closed', async () => {
    const share = new Share().ask(5, smb.create('tool.exe'), smb.created(2, 0)).ask(17, smb.setEnd(5000), join(le(2, 2)))
    share.askAtOnce(9, [writes(0, 3000), writes(3000, 5000)])
    expect(await files(share.frames)).toEqual([])
    share.ask(6, smb.close(), smb.closed())
    expect(await files(share.frames)).toEqual([expect.stringContaining(`${CLIENT} smb tool.exe ${digest(CONTENT)} `)])
    expect(exported(share.frames, 'smb')).toEqual([digest(CONTENT)])
  })

  it('is read in any order, and again', async () => {
    const share = new Share().ask(5, smb.create('a'), smb.created(1, CONTENT.length)).ask(8, ...reads(0, 1000))
    share
      .ask(8, ...reads(0, 1000))
      .ask(8, ...reads(3000, 5000))
      .ask(8, ...reads(1000, 3000))
    expect(await files(share.frames)).toEqual([expect.stringContaining(` smb a ${digest(CONTENT)} `)])
  })

  it.each<[string, (share: Share) => Share]>([
    [
      'a part is not read',
      (share) =>
        share
          .ask(5, smb.create('a'), smb.created(1, 5000))
          .ask(8, ...reads(0, 1000))
          .ask(8, ...reads(2000, 5000)),
    ],
    [
      'the end is not written',
      (share) =>
        share
          .ask(5, smb.create('a'), smb.created(2, 0))
          .ask(17, smb.setEnd(9000), join(le(2, 2)))
          .ask(9, ...writes(0, 5000)),
    ],
    ['only a part is changed', (share) => share.ask(5, smb.create('a'), smb.created(1, 5000)).ask(9, ...writes(0, 5000))],
    ['reading is refused', (share) => share.ask(5, smb.create('a'), smb.created(1, 5000)).ask(8, ...reads(0, 5000), 0xc0000022)],
    ['it was not opened in the capture', (share) => share.ask(8, ...reads(0, 5000))],
  ])('has no digest where %s', async (_, act) => {
    expect(await files(act(new Share()).ask(6, smb.close(), smb.closed()).frames)).toEqual([])
  })

  it('has no digest where a segment is missing', async () => {
    const { frames } = new Share().ask(5, smb.create('a'), smb.created(1, CONTENT.length)).ask(8, ...reads(0, 5000))
    const segments = frames.flatMap((frame, i) => (frame.length > SEGMENT ? [i] : []))
    for (const i of segments) expect(await files(frames.filter((_, j) => j !== i))).toEqual([])
  })

  it('survives messages whose lengths are wrong', async () => {
    for (const at of [0, 1, 2, 3, 20, 21, 24, 66, 68, 70, 71, 72]) {
      const { frames } = new Share().ask(5, smb.create('a'), smb.created(1, CONTENT.length)).ask(8, ...reads(0, 5000))
      const answer = frames.findIndex((frame) => frame.length > SEGMENT)
      frames[answer][54 + 4 + at] = 0xff
      expect((await files(frames)).length).toBeLessThanOrEqual(1)
    }
  })
})

class OldShare {
  readonly frames: Uint8Array[] = []
  private readonly conversation = new Conversation(this.frames, 40_300, 445)
  private id = 1

  ask(request: ReturnType<typeof message.close>, answer = message.done(request.command), { status = 0, isUnicode = true } = {}): this {
    const id = this.id++
    this.conversation.send('client', smb1(id, false, request, 0, isUnicode))
    this.conversation.send('server', smb1(id, true, answer, status, isUnicode))
    return this
  }

  read(at: number, to: number, status = 0): this {
    return this.ask(message.read(9, at, to - at), status === 0 ? message.data(CONTENT.subarray(at, to)) : message.done('read'), { status })
  }

  write(at: number, to: number): this {
    return this.ask(message.write(9, at, CONTENT.subarray(at, to)), message.written(to - at))
  }
}

describe('a file of a share of SMB 1', () => {
  it.each([true, false])('that is read whole is what tshark extracts (names in UTF-16: %s)', async (isUnicode) => {
    const opened = new OldShare().ask(message.create('\\docs\\Plan.bin', isUnicode), message.created(9, 1, CONTENT.length), { isUnicode })
    const { frames } = opened.read(0, 3000).read(3000, 5000).ask(message.close(9))
    expect(await files(frames)).toEqual([expect.stringContaining(`${SERVER} smb docs\\Plan.bin ${digest(CONTENT)} `)])
    expect(exported(frames, 'smb')).toEqual([digest(CONTENT)])
  })

  it('that is written anew is the client’s, complete when it is closed', async () => {
    const share = new OldShare().ask(message.create('\\tool.exe'), message.created(9, 2, 0)).ask(message.setEnd(9, 5000))
    share.write(0, 3000).write(3000, 5000)
    expect(await files(share.frames)).toEqual([])
    share.ask(message.close(9))
    expect(await files(share.frames)).toEqual([expect.stringContaining(`${CLIENT} smb tool.exe ${digest(CONTENT)} `)])
    expect(exported(share.frames, 'smb')).toEqual([digest(CONTENT)])
  })

  it('may be opened as before NT', async () => {
    const { frames } = new OldShare().ask(message.open('\\a.bin'), message.opened(9, 1, CONTENT.length)).read(0, 5000)
    expect(await files(frames)).toEqual([expect.stringContaining(`${SERVER} smb a.bin ${digest(CONTENT)} `)])
    const written = new OldShare()
      .ask(message.open('\\a.bin'), message.opened(9, 3, 0))
      .write(0, 5000)
      .ask(message.close(9))
    expect(await files(written.frames)).toEqual([expect.stringContaining(`${CLIENT} smb a.bin ${digest(CONTENT)} `)])
  })

  it.each<[string, (share: OldShare) => OldShare]>([
    [
      'a part is not read',
      (share) =>
        share
          .ask(message.create('\\a'), message.created(9, 1, 5000))
          .read(0, 1000)
          .read(2000, 5000),
    ],
    ['reading is refused', (share) => share.ask(message.create('\\a'), message.created(9, 1, 5000)).read(0, 5000, 0xc0000022)],
    [
      'the end is not written',
      (share) =>
        share
          .ask(message.create('\\a'), message.created(9, 2, 0))
          .ask(message.setEnd(9, 9000))
          .write(0, 5000),
    ],
    ['only a part is changed', (share) => share.ask(message.create('\\a'), message.created(9, 1, 5000)).write(0, 5000)],
    ['it was not opened in the capture', (share) => share.read(0, 5000)],
  ])('has no digest where %s', async (_, act) => {
    expect(await files(act(new OldShare()).ask(message.close(9)).frames)).toEqual([])
  })

  it('survives messages whose lengths are wrong', async () => {
    for (const at of [0, 1, 2, 3, 32, 38, 39, 43, 44, 45, 46, 47, 48]) {
      const { frames } = new OldShare().ask(message.create('\\a'), message.created(9, 1, CONTENT.length)).read(0, 5000)
      const answer = frames.findIndex((frame) => frame.length > SEGMENT)
      frames[answer][54 + 4 + at] = 0xff
      expect((await files(frames)).length).toBeLessThanOrEqual(1)
    }
  })
})
