// Conversations of several reports -> one order that does not depend on the order of the reports, and their new numbers.

import { compare } from '../compare.ts'
import { Protocol, TcpFlag } from '../decode/codes.ts'
import { IDLE_US } from '../flows/table.ts'
import type { MergedCaptures } from './captures.ts'
import { type Cell, type CellTable, cellOf, rowOf } from './cell-table.ts'
import { ColumnMemory, type Numbers } from './column-memory.ts'
import { EndsIndex } from './ends-index.ts'
import { clientOf, joined, type OrderedFlow } from './join-flows.ts'
import { emptyPieces, found, type PieceColumns, pieceOf } from './pieces.ts'
import { FLOW, HOST } from './report-rows.ts'

export class FlowOrder {
  /** Number of conversations. */
  readonly count: number
  /** By report, then by row of its hosts: number of the address. */
  private readonly addresses: Int32Array[]
  private readonly tables: CellTable[]
  /** By column of the conversations, then by report: one look-up a value. */
  private values: Numbers[][]
  private readonly indexes: Int32Array[]
  readonly pieces: PieceColumns
  /** By piece: its report, and the numbers of its ends' addresses. */
  private report: Int32Array
  private client: Int32Array
  private server: Int32Array
  /** Addresses. */
  readonly texts: string[]
  /** By conversation: its first piece. */
  private first: Int32Array
  /** Conversations of several pieces. */
  private readonly several = new Map<number, OrderedFlow>()

  constructor({ reports, indexes }: MergedCaptures) {
    this.texts = []
    this.addresses = this.readAddresses(reports.map(({ rows }) => rows.hosts))
    this.tables = reports.map(({ rows }) => rows.flows)
    this.values = Object.values(FLOW).map((column) => this.tables.map(({ columns }) => columns[column].values))
    this.indexes = indexes
    this.pieces = emptyPieces(
      this.tables.map(({ count }) => count),
      new ColumnMemory(),
    )
    const memory = new ColumnMemory()
    const column = () => memory.take(Int32Array, this.pieces.conversation.length)
    ;[this.report, this.client, this.server, this.first] = [column(), column(), column(), column()]
    this.readEnds()
    this.count = this.join(this.sorted())
  }

  /** Gives memory back: only numbers of conversations and addresses can be asked for afterwards. */
  release(): void {
    this.report = this.client = this.server = this.first = new Int32Array(0)
    this.values = []
  }

  /** @returns the conversation's number @throws DatabaseError for an id that no row has */
  numberOf(report: number, id: Cell): number {
    return this.pieces.conversation[pieceOf(this.pieces, report, id)]
  }

  /** Whether its client is the server of the joined conversation. */
  isTurned(report: number, id: Cell): boolean {
    return this.pieces.turned[pieceOf(this.pieces, report, id)] === 1
  }

  /** Number of the address of a report's host. @throws DatabaseError for an id that no row has */
  textOf(report: number, id: Cell): number {
    return found(this.addresses[report], id, 'host')
  }

  /** Whether several pieces were joined to it. */
  isJoined(number: number): boolean {
    return this.several.has(number)
  }

  /** Conversations that several pieces were joined to. */
  joinedFlows(): Iterable<number> {
    return this.several.keys()
  }

  private flow(number: number): OrderedFlow {
    return this.several.get(number) ?? this.piece(this.first[number])
  }

  cell(number: number, column: number): Cell {
    const several = this.severalOf(number)
    return several === undefined ? this.cellOfPiece(this.first[number], column) : several.row[column]
  }

  /** A cell that is a number; -1 for null. */
  number(number: number, column: number): number {
    const several = this.severalOf(number)
    if (several !== undefined) return (several.row[column] as number | null) ?? -1
    return this.numberOfPiece(this.first[number], column)
  }

  /** Its ends, as numbers of their addresses in `texts`. */
  clientText(number: number): number {
    return this.isSwapped(number) ? this.server[this.first[number]] : this.client[this.first[number]]
  }

  serverText(number: number): number {
    return this.isSwapped(number) ? this.client[this.first[number]] : this.server[this.first[number]]
  }

  /** Indexes of the captures of its first and last packet. */
  firstCapture(number: number): number {
    return this.severalOf(number)?.firstCapture ?? this.captureOf(number, FLOW.first_capture_id)
  }

  lastCapture(number: number): number {
    return this.severalOf(number)?.lastCapture ?? this.captureOf(number, FLOW.last_capture_id)
  }

  private severalOf(number: number): OrderedFlow | undefined {
    return this.several.size === 0 ? undefined : this.several.get(number)
  }

  private captureOf(number: number, column: number): number {
    return this.indexes[this.report[this.first[number]]][this.number(number, column) - 1] ?? 0
  }

  /** Whether the client of several pieces is the server of the first one. */
  private isSwapped(number: number): boolean {
    const several = this.severalOf(number)
    return several !== undefined && several.clientIp !== this.texts[this.client[this.first[number]]]
  }

  private cellOfPiece(piece: number, column: number): Cell {
    const report = this.report[piece]
    return cellOf(this.tables[report], piece - this.pieces.starts[report], column)
  }

  /** -1 for null. */
  private numberOfPiece(piece: number, column: number): number {
    const report = this.report[piece]
    return this.values[column][report][piece - this.pieces.starts[report]]
  }

  private piece(piece: number): OrderedFlow {
    const report = this.report[piece]
    const row = rowOf(this.tables[report], piece - this.pieces.starts[report])
    return {
      row,
      clientIp: this.texts[this.client[piece]],
      serverIp: this.texts[this.server[piece]],
      firstCapture: this.indexes[report][(row[FLOW.first_capture_id] as number) - 1] ?? 0,
      lastCapture: this.indexes[report][(row[FLOW.last_capture_id] as number) - 1] ?? 0,
    }
  }

  /** Fills texts. */
  private readAddresses(tables: CellTable[]): Int32Array[] {
    const numbers = new Map<string, number>()
    return tables.map(({ count, columns }) => {
      const { values, texts } = columns[HOST.ip]
      return Int32Array.from(values.subarray(0, count), (code) => {
        const ip = texts![code]
        const known = numbers.get(ip)
        if (known !== undefined) return known
        numbers.set(ip, this.texts.length)
        return this.texts.push(ip) - 1
      })
    })
  }

  /** Fills report, client, server. */
  private readEnds(): void {
    for (const [report, table] of this.tables.entries()) {
      const start = this.pieces.starts[report]
      const [clients, servers] = [FLOW.client_host_id, FLOW.server_host_id].map((column) => table.columns[column].values)
      this.report.fill(report, start, start + table.count)
      for (let row = 0; row < table.count; row++) {
        this.client[start + row] = this.textOf(report, clients[row])
        this.server[start + row] = this.textOf(report, servers[row])
      }
    }
  }

  /** The pieces by time. An array, whose sort uses that each report is sorted already. */
  private sorted(): number[] {
    const { report, indexes } = this
    const { starts } = this.pieces
    const memory = new ColumnMemory()
    const firstUs = memory.take(Float64Array, report.length)
    const capture = memory.take(Int32Array, report.length)
    for (const [of, table] of this.tables.entries()) {
      const captures = table.columns[FLOW.first_capture_id].values
      firstUs.set(table.columns[FLOW.first_us].values, starts[of])
      for (let row = 0; row < table.count; row++) capture[starts[of] + row] = indexes[of][captures[row] - 1] ?? 0
    }
    const order: number[] = []
    for (let piece = 0; piece < report.length; piece++) order.push(piece)
    return order.sort((a, b) => firstUs[a] - firstUs[b] || capture[a] - capture[b] || this.compareRows(a, b))
  }

  /** Of two that began at the same time in the same capture. */
  private compareRows(a: number, b: number): number {
    // Reports without frame numbers have null, which counts as 0.
    const difference = (column: number) => Math.max(0, this.numberOfPiece(a, column)) - Math.max(0, this.numberOfPiece(b, column))
    const byFrame = difference(FLOW.first_frame)
    const byEnds =
      byFrame ||
      compare(this.texts[this.client[a]], this.texts[this.client[b]]) ||
      compare(this.texts[this.server[a]], this.texts[this.server[b]])
    if (byEnds !== 0) return byEnds
    for (const column of COMPARED) if (difference(column) !== 0) return difference(column)
    return 0
  }

  /** Report by report: values of a column are alike, and the columns are looked up once. */
  private endsOfPieces(): EndsIndex {
    const ends = new EndsIndex(this.report.length)
    for (const [report, { count, columns }] of this.tables.entries()) {
      const start = this.pieces.starts[report]
      const [protocols, clientPorts, serverPorts] = ENDS.map((column) => columns[column].values)
      for (let row = 0; row < count; row++) {
        const piece = start + row
        ends.set(piece, protocols[row], this.client[piece], clientPorts[row], this.server[piece], serverPorts[row])
      }
    }
    return ends
  }

  /** Whether its client's SYN is in it. */
  private isOpened(piece: number): boolean {
    const isTcp = this.numberOfPiece(piece, FLOW.protocol_number) === Protocol.tcp
    return isTcp && (this.numberOfPiece(piece, FLOW.client_tcp_flags) & TcpFlag.syn) !== 0
  }

  /** Pieces that one capture ends with and the next one goes on with become one conversation. @returns number of conversations */
  private join(order: number[]): number {
    const ends = this.endsOfPieces()
    const { conversation, turned } = this.pieces
    let count = 0
    for (const piece of order) {
      const slot = ends.find(piece)
      const before = ends.at(slot)
      const known = before < 0 || this.isOpened(piece) ? -1 : conversation[before]
      const silenceUs = known < 0 ? 0 : this.numberOfPiece(piece, FLOW.first_us) - this.number(known, FLOW.last_us)
      if (known >= 0 && silenceUs <= IDLE_US) {
        this.several.set(known, joined(this.flow(known), this.piece(piece)))
        conversation[piece] = known
      } else {
        ends.keep(slot, piece)
        this.first[count] = piece
        conversation[piece] = count++
      }
    }
    for (const piece of this.several.size === 0 ? [] : order) {
      const several = this.several.get(conversation[piece])
      if (several !== undefined && clientOf(this.piece(piece)) !== clientOf(several)) turned[piece] = 1
    }
    return count
  }
}

const ENDS = [FLOW.protocol_number, FLOW.client_port, FLOW.server_port]

const COMPARED = [
  FLOW.protocol_number,
  FLOW.client_port,
  FLOW.server_port,
  FLOW.first_frame,
  FLOW.last_us,
  FLOW.client_bytes,
  FLOW.server_bytes,
]
