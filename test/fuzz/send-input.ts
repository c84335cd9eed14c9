import { connect } from 'node:net'
import { readRawResponse, type RawResponse } from '../helpers/raw-response.ts'
import type { Patience } from './patience.ts'
import type { Random } from './random.ts'
import { writeAbused } from './write-abused.ts'

/** The answers of a gateway to an input. */
export interface Conversation {
  /** Whole answers, in order. */
  readonly answers: readonly RawResponse[]
  /** The octets behind the last whole answer. */
  readonly rest: Buffer
}

/** How long more answers may follow a whole one. */
const lingerMs = 3

/** Sends the octets on a connection of their own, as badly as the random numbers say; without any, as they are. */
export function sendInput(
  port: number,
  message: Buffer,
  random: Random | undefined,
  patience: Patience
): Promise<Conversation> {
  return new Promise(resolve => {
    let received: Buffer = Buffer.alloc(0)
    let hasAnswer = false
    const from = performance.now()
    const socket = connect(port, '127.0.0.1')
    let timer = setTimeout(() => socket.destroy(), patience.ms)
    socket.on('connect', () => void writeAbused(socket, message, random))
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (hasAnswer || readNext(received, false) === undefined) return
      hasAnswer = true
      patience.answered(performance.now() - from)
      clearTimeout(timer)
      timer = setTimeout(() => socket.destroy(), lingerMs)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(readAnswers(received))
    })
  })
}

function readAnswers(received: Buffer): Conversation {
  const answers: RawResponse[] = []
  let rest = received
  while (rest.length > 0) {
    const answer = readNext(rest, true)
    if (answer === undefined) break
    answers.push(answer)
    rest = rest.subarray(answer.bytes.length)
  }
  return { answers, rest }
}

function readNext(bytes: Buffer, ended: boolean): RawResponse | undefined {
  try {
    return readRawResponse(bytes, ended)
  } catch {
    return undefined
  }
}
