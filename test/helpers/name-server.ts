import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/**
 * Addresses of a name, or of what is asked about it (`AAAA name`); `silence`: no answer; a name that is not there does not
 * exist.
 */
export type Zone = Readonly<Record<string, readonly string[] | 'silence'>>

export interface NameServer extends AsyncDisposable {
  /** `address:port`, as a resolver takes it. */
  readonly address: string
  /** Each question, as `A name` or `AAAA name`; one that is repeated counts again. */
  readonly questions: readonly string[]
}

const types: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA' }

/** A name server on loopback that knows one zone. */
export async function startNameServer(zone: Zone): Promise<NameServer> {
  const questions: string[] = []
  const socket = createSocket('udp4', (message, from) => {
    const { name, type, end } = readQuestion(message)
    questions.push(`${types[type] ?? type} ${name}`)
    const known = zone[`${types[type]} ${name}`] ?? zone[name]
    if (known === 'silence') return
    const octets = (known ?? []).map(octetsOf).filter(({ length }) => length === (type === 1 ? 4 : 16))
    socket.send(answer(message.subarray(0, end), octets, type, known === undefined), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    [Symbol.asyncDispose]: () => new Promise(resolve => socket.close(() => resolve()))
  }
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

function answer(question: Buffer, octets: readonly number[][], type: number, unknown: boolean): Buffer {
  const head = Buffer.from(question)
  head.writeUInt16BE(unknown ? 0x8183 : 0x8180, 2)
  head.writeUInt16BE(octets.length, 6)
  head.fill(0, 8, 12)
  // A pointer to the name of the question, the type, the class IN, a minute to live.
  const records = octets.map(each => Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, each.length, ...each]))
  return Buffer.concat([head, ...records])
}

/** IPv6 addresses only as `prefix::suffix` or in full. */
function octetsOf(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number)
  const [before = [], after = []] = address.split('::').map(half => (half === '' ? [] : half.split(':')))
  const words = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return words.map(word => Number.parseInt(word, 16)).flatMap(word => [word >> 8, word & 255])
}
