import { fragments } from './fragments.ts'
import type { Random } from './random.ts'

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

/** The message with some of its octets changed; `others` are what it can be crossed with. */
export function mutate(message: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  // A body that is wrong reaches the gateway's own parsers only behind a head that is right.
  if (random.oneIn(2)) return mutateBody(message, random, others)
  return mutateBytes(message, random, others)
}

function mutateBytes(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let mutated = bytes
  for (let count = 1 + random.below(4); count > 0; count--) {
    mutated = (random.pick(mutations) ?? flipBit)(mutated, random, others)
  }
  return mutated
}

function mutateBody(message: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const end = message.indexOf('\r\n\r\n')
  if (end === -1) return mutateBytes(message, random, others)
  const body = mutateBytes(message.subarray(end + 4), random, others.map(bodyOf))
  const head = message.toString('latin1', 0, end).replace(/^content-length: *\d+/im, `content-length: ${body.length}`)
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body])
}

const bodyOf = (message: Buffer): Buffer => message.subarray(message.indexOf('\r\n\r\n') + 4)

const flipBit: Mutation = (bytes, random) => changeOctet(bytes, random, octet => octet ^ (1 << random.below(8)))
const setOctet: Mutation = (bytes, random) => changeOctet(bytes, random, () => random.below(256))
const insert: Mutation = (bytes, random) => splice(bytes, random.below(bytes.length + 1), 0, random.pick(fragments))
const remove: Mutation = (bytes, random) => splice(bytes, random.below(bytes.length + 1), random.below(20))
const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1))
const repeat: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1)
  return splice(bytes, start, 0, bytes.subarray(start, start + random.below(200)))
}
const cross: Mutation = (bytes, random, others) => {
  const other = random.pick(others) ?? bytes
  const start = random.below(other.length + 1)
  return splice(
    bytes,
    random.below(bytes.length + 1),
    random.below(50),
    other.subarray(start, start + random.below(200))
  )
}
/** As a client that pipelines. */
const append: Mutation = (bytes, random, others) => Buffer.concat([bytes, random.pick(others) ?? bytes])
const changeLine: Mutation = (bytes, random) => {
  const lines = bytes.toString('latin1').split('\r\n')
  const at = random.below(lines.length)
  const line = lines[at] ?? ''
  const replacements = [[], [line, line], [line.toUpperCase()], [`${line} `], [line.replace(':', ' :')], [` ${line}`]]
  lines.splice(at, 1, ...(random.pick(replacements) ?? []))
  return Buffer.from(lines.join('\r\n'), 'latin1')
}
const changeNumber: Mutation = (bytes, random) => {
  const numbers = [...bytes.toString('latin1').matchAll(/\d+/g)]
  const found = random.pick(numbers)
  const number = random.pick(['0', '1', '-1', '65536', '4294967296', '1.5', '1e9', '99999999999999999999'])
  return found === undefined ? bytes : splice(bytes, found.index, found[0].length, Buffer.from(number ?? '0'))
}

const mutations: readonly Mutation[] = [
  flipBit,
  setOctet,
  insert,
  insert,
  remove,
  truncate,
  repeat,
  cross,
  append,
  changeLine,
  changeNumber
]

function changeOctet(bytes: Buffer, random: Random, change: (octet: number) => number): Buffer {
  if (bytes.length === 0) return bytes
  const changed = Buffer.from(bytes)
  const at = random.below(bytes.length)
  changed[at] = change(changed[at] ?? 0)
  return changed
}

const splice = (bytes: Buffer, at: number, removed: number, put: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)])
