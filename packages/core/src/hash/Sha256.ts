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

/**
 * One block into the hash. Plain assignments and written-out rotations: a process that starts hashes one policy, cold,
 * and there a destructuring a round costs more than all the arithmetic.
 */
const compress = (hash: Int32Array, schedule: Int32Array): void => {
  let a = at(hash, 0)
  let b = at(hash, 1)
  let c = at(hash, 2)
  let d = at(hash, 3)
  let e = at(hash, 4)
  let f = at(hash, 5)
  let g = at(hash, 6)
  let h = at(hash, 7)
  for (let index = 0; index < 64; index++) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const first = (h + big1 + ((e & f) ^ (~e & g)) + (ROUND[index] ?? 0) + (schedule[index] ?? 0)) | 0
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  hash[0] = at(hash, 0) + a
  hash[1] = at(hash, 1) + b
  hash[2] = at(hash, 2) + c
  hash[3] = at(hash, 3) + d
  hash[4] = at(hash, 4) + e
  hash[5] = at(hash, 5) + f
  hash[6] = at(hash, 6) + g
  hash[7] = at(hash, 7) + h
}

/** The digest of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits. */
export const hex = (text: string): string => {
  const blocks = padded(utf8(text))
  const hash = INITIAL.slice()
  const schedule = new Int32Array(64)
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    for (let index = 0; index < 16; index++) schedule[index] = blocks.getInt32(offset + index * 4)
    for (let index = 16; index < 64; index++) {
      const early = at(schedule, index - 15)
      const late = at(schedule, index - 2)
      const small0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3)
      const small1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10)
      schedule[index] = at(schedule, index - 16) + small0 + at(schedule, index - 7) + small1
    }
    compress(hash, schedule)
  }
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}
