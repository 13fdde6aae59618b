/**
 * SHA-256 (FIPS 180-4) as a plain synchronous function. The core needs it inside pure reductions, where Web Crypto's
 * promise cannot go (ADR-0002). Checked in tests against the NIST vectors and against `node:crypto`.
 */

const firstPrimes = (count: number): ReadonlyArray<number> => {
  const primes: Array<number> = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}

/** The first 32 bits of the fractional part, as FIPS 180-4 sections 4.2.2 and 5.3.3 define the constants. */
const fractionBits = (value: number): number => ((value - Math.floor(value)) * 0x1_0000_0000) | 0

const ROUND = Int32Array.from(firstPrimes(64), (prime) => fractionBits(Math.cbrt(prime)))
const INITIAL = Int32Array.from(firstPrimes(8), (prime) => fractionBits(Math.sqrt(prime)))

const at = (words: Int32Array, index: number): number => words[index] ?? 0
const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

/** UTF-8, with an unpaired surrogate as U+FFFD, as the WHATWG encoder does it. */
const utf8 = (text: string): Uint8Array => {
  const bytes: Array<number> = []
  for (const character of text) {
    const read = character.codePointAt(0) ?? 0
    const point = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x1_0000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
  }
  return Uint8Array.from(bytes)
}

/** The message, a one bit, zeros, and its length in bits as 64 bits: a whole number of 64-byte blocks. */
const padded = (message: Uint8Array): DataView => {
  const view = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / 64) * 64))
  new Uint8Array(view.buffer).set(message)
  view.setUint8(message.length, 0x80)
  view.setUint32(view.byteLength - 8, Math.floor(message.length / 0x2000_0000))
  view.setUint32(view.byteLength - 4, (message.length << 3) >>> 0)
  return view
}

const compress = (hash: Int32Array, schedule: Int32Array): void => {
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number]
  for (let index = 0; index < 64; index++) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + big1 + ((e & f) ^ (~e & g)) + at(ROUND, index) + at(schedule, index)) | 0
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => {
    hash[index] = (at(hash, index) + word) | 0
  })
}

/** The digest of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits. */
export const hex = (text: string): string => {
  const blocks = padded(utf8(text))
  const hash = INITIAL.slice()
  const schedule = new Int32Array(64)
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    for (let index = 0; index < 16; index++) schedule[index] = blocks.getInt32(offset + index * 4)
    for (let index = 16; index < 64; index++) {
      const [early, late] = [at(schedule, index - 15), at(schedule, index - 2)]
      const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
      const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
      schedule[index] = (at(schedule, index - 16) + small0 + at(schedule, index - 7) + small1) | 0
    }
    compress(hash, schedule)
  }
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}
