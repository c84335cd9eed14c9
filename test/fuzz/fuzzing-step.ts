import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { readHttpBody, readHttpHead, type HttpHead } from '../helpers/http-message.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { writeAbused } from './write-abused.ts'
import type { Random } from './random.ts'

export interface FuzzingStep extends AsyncDisposable {
  readonly url: string
  /** From now on every path echoes, and nothing is answered until so many calls are there. */
  gather(count: number): void
  /** Whether so many were there. */
  readonly hasGathered: boolean
  /** How many calls wait to be answered. */
  readonly gathered: number
  /** From now on every path echoes at once, on new connections. */
  heal(): void
}

/** The step answers the request with this body so, and as badly. */
export type AnswerMaker = (body: string) => { readonly answer: Buffer; readonly random: Random | undefined }

interface Call {
  readonly socket: Socket
  readonly head: HttpHead
  readonly body: Buffer
}

/** A step that echoes what is sent to `/echo`, and says on `/fuzz` what no model should. */
export async function startFuzzingStep(answerTo: AnswerMaker): Promise<FuzzingStep> {
  const state = { healed: false, awaited: 0, reached: false }
  const waiting: Call[] = []
  const sockets = new Set<Socket>()
  const take = (call: Call): void => {
    if (state.awaited > 0) {
      waiting.push(call)
      if (waiting.length < state.awaited) return
      state.reached = true
      for (const held of waiting.splice(0)) echo(held)
    } else if (state.healed || !call.head.startLine.includes(' /fuzz')) echo(call)
    else abuse(call, answerTo)
  }
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      const gone = waiting.findIndex(call => call.socket === socket)
      if (gone !== -1) waiting.splice(gone, 1)
    })
    onEachCall(socket, take)
  })
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    get hasGathered() {
      return state.reached
    },
    get gathered() {
      return waiting.length
    },
    gather(count) {
      state.awaited = count
      state.reached = false
      for (const held of waiting.splice(0)) echo(held)
    },
    heal() {
      state.healed = true
      state.awaited = 0
      // A request that was never answered is not waited for.
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

function onEachCall(socket: Socket, take: (call: Call) => void): void {
  let received: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
    for (let head; (head = readHttpHead(received)) !== undefined;) {
      const body = readHttpBody(received.subarray(head.length), head.headers)
      if (body === 'incomplete') return
      const { content, length } = body === 'unframed' ? { content: Buffer.alloc(0), length: 0 } : body
      received = received.subarray(head.length + length)
      take({ socket, head, body: content })
    }
  })
}

function echo({ socket, head, body }: Call): void {
  const lines = ['HTTP/1.1 200 OK', `content-length: ${body.length}`]
  if (head.headers['content-type'] !== undefined) lines.push(`content-type: ${head.headers['content-type']}`)
  socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]))
}

/** The same body gets the same answer, in whatever order the calls come. */
function abuse({ socket, body }: Call, answerTo: AnswerMaker): void {
  const key = body.length < 20 ? body.toString('latin1') : createHash('sha1').update(body).digest('hex')
  const { answer, random } = answerTo(key)
  void writeAbused(socket, answer, random)
}
