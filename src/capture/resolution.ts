// Time stamps of a pcapng interface (if_tsresol, if_tsoffset) to microseconds. Hot path.

const TWO_32 = 4_294_967_296
/** The year 2255: beyond it a microsecond is no longer an exact number, and a time stamp is garbage anyway. */
const MAX_TIME_US = Number.MAX_SAFE_INTEGER

/** Converts 64-bit counts of 10^-n or 2^-n seconds, exactly, without 64-bit arithmetic for the resolutions that are in use. */
export class Resolution {
  private readonly multiplier: number
  private readonly divisor: number
  private readonly divisorQuotient: number
  private readonly divisorRemainder: number
  private readonly unitsPerSecond: bigint
  private readonly offsetUs: number

  /**
   * @param code the option's byte: n, with the top bit set for powers of two
   * @param offsetSeconds if_tsoffset
   */
  constructor(code: number, offsetSeconds: number) {
    const exponent = code & 0x7f
    const isDecimal = (code & 0x80) === 0
    this.unitsPerSecond = (isDecimal ? 10n : 2n) ** BigInt(exponent)
    // 10^9 units of divisor keep every product below 2^53.
    this.multiplier = isDecimal && exponent <= 6 ? 10 ** (6 - exponent) : 0
    this.divisor = isDecimal && exponent > 6 && exponent <= 12 ? 10 ** (exponent - 6) : 0
    this.divisorQuotient = this.divisor > 0 ? Math.floor(TWO_32 / this.divisor) : 0
    this.divisorRemainder = this.divisor > 0 ? TWO_32 % this.divisor : 0
    this.offsetUs = offsetSeconds * 1e6
  }

  /** Integer microseconds since the epoch, clamped to what a number holds exactly. */
  toMicroseconds(high: number, low: number): number {
    let us: number
    if (this.multiplier > 0) us = (high * TWO_32 + low) * this.multiplier
    else if (this.divisor > 0) us = high * this.divisorQuotient + Math.floor((high * this.divisorRemainder + low) / this.divisor)
    else us = Number((((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n) / this.unitsPerSecond)
    us += this.offsetUs
    return Math.min(MAX_TIME_US, Math.max(0, us))
  }

  /** The units of a time: what toMicroseconds() would answer it for. Cold. */
  fromMicroseconds(us: number): bigint {
    const units = (BigInt(us - this.offsetUs) * this.unitsPerSecond + 999_999n) / 1_000_000n
    return units < 0n ? 0n : units
  }
}
