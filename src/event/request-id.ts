import { randomFillSync } from 'node:crypto'

/** A clock that goes back by more than this was set; by less, time stands still until it is caught up with. */
const maxStepBackMs = 10_000
const sequences = 0x1000

let lastMs = 0
let sequence = 0

/** Entropy in stock, for some hundred ids. */
const random = Buffer.alloc(4096)
let randomUsed = random.length

/** Where the digits of the sixteen octets stand between the dashes. */
const positions = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const digits = Buffer.from('0123456789abcdef')
const text = Buffer.from('00000000-0000-0000-0000-000000000000')

/**
 * A UUIDv7 (RFC 9562 section 5.7): 48 bits of time, 12 that count within a millisecond (section 6.2, method 1), then
 * random ones. So ids of one process sort in the order in which they were made. Each request has one: written into one
 * buffer it costs a fifth of what `randomUUID` and joined strings do.
 */
export function createRequestId(nowMs: number = Date.now()): string {
  advance(nowMs)
  write(0, lastMs / 2 ** 40)
  write(1, lastMs / 2 ** 32)
  for (let i = 2; i < 6; i++) write(i, lastMs >>> (8 * (5 - i)))
  write(6, 0x70 | (sequence >>> 8))
  write(7, sequence)
  writeRandom(8)
  return text.toString('latin1')
}

function advance(nowMs: number): void {
  if (nowMs > lastMs || nowMs < lastMs - maxStepBackMs) {
    lastMs = nowMs
    sequence = 0
  } else if (++sequence === sequences) {
    lastMs++
    sequence = 0
  }
}

/** The lowest eight bits. */
function write(index: number, value: number): void {
  const position = positions[index] ?? 0
  text[position] = digits[(value >>> 4) & 0xf] ?? 0
  text[position + 1] = digits[value & 0xf] ?? 0
}

/** The variant of RFC 9562 in two bits, then chance. */
function writeRandom(from: number): void {
  if (randomUsed === random.length) {
    randomFillSync(random)
    randomUsed = 0
  }
  write(from, 0x80 | ((random[randomUsed++] ?? 0) & 0x3f))
  for (let i = from + 1; i < positions.length; i++) write(i, random[randomUsed++] ?? 0)
}
