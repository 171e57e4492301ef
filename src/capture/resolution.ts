// Time stamps of a pcapng interface (if_tsresol, if_tsoffset) -> microseconds. Hot path.

const TWO_32 = 4_294_967_296
/** The year 2255: a later time in microseconds is no exact number, and is invalid in practice. */
const MAX_TIME_US = Number.MAX_SAFE_INTEGER

/** Converts 64-bit counts of 10^-n or 2^-n seconds exactly; for common resolutions without BigInt. */
export class Resolution {
  private readonly multiplier: number
  private readonly divisor: number
  private readonly divisorQuotient: number
  private readonly divisorRemainder: number
  private readonly unitsPerSecond: bigint
  private readonly offsetUs: number

  /**
   * @param code if_tsresol: n, with the top bit set for powers of two
   * @param offsetSeconds if_tsoffset
   */
  constructor(code: number, offsetSeconds: number) {
    const exponent = code & 0x7f
    const isDecimal = (code & 0x80) === 0
    this.unitsPerSecond = (isDecimal ? 10n : 2n) ** BigInt(exponent)
    // With divisors up to 10^6, products stay below 2^53 for all times up to MAX_TIME_US.
    this.multiplier = isDecimal && exponent <= 6 ? 10 ** (6 - exponent) : 0
    this.divisor = isDecimal && exponent > 6 && exponent <= 12 ? 10 ** (exponent - 6) : 0
    this.divisorQuotient = this.divisor > 0 ? Math.floor(TWO_32 / this.divisor) : 0
    this.divisorRemainder = this.divisor > 0 ? TWO_32 % this.divisor : 0
    this.offsetUs = offsetSeconds * 1e6
  }

  /** Integer microseconds since the epoch, limited to the largest exact number. */
  toMicroseconds(high: number, low: number): number {
    let us: number
    if (this.multiplier > 0) us = (high * TWO_32 + low) * this.multiplier
    else if (this.divisor > 0) us = high * this.divisorQuotient + Math.floor((high * this.divisorRemainder + low) / this.divisor)
    else us = Number((((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n) / this.unitsPerSecond)
    us += this.offsetUs
    return Math.min(MAX_TIME_US, Math.max(0, us))
  }

  /** The inverse of toMicroseconds(): microseconds -> time stamp units. Cold path. */
  fromMicroseconds(us: number): bigint {
    const units = (BigInt(us - this.offsetUs) * this.unitsPerSecond + 999_999n) / 1_000_000n
    return units < 0n ? 0n : units
  }
}
