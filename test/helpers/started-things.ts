import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server, Socket } from 'node:net'
import type { Worker } from 'node:worker_threads'

/** A server, process, connection or thread that a test starts and has to end. */
export interface StartedThing {
  readonly name: string
  isThere(): boolean
}

/** Tells of all that this process starts until it is disposed, by the channels that Node has for it. */
export function watchStartedThings(tell: (thing: StartedThing) => void): Disposable {
  const watching = new DisposableStack()
  const watch = (channel: string, toThing: (message: Message) => StartedThing | undefined): void => {
    const onMessage = (message: unknown): void => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each channel has one kind of message, as Node's pages say
      const thing = toThing(message as Message)
      if (thing !== undefined) tell(thing)
    }
    subscribe(channel, onMessage)
    watching.defer(() => unsubscribe(channel, onMessage))
  }
  watch('child_process', ({ process: child }) => childThing(child))
  watch('worker_threads', ({ worker }) => threadThing(worker))
  watch('tracing:net.server.listen:asyncEnd', ({ server }) => serverThing(server))
  watch('net.client.socket', ({ socket }) => socketThing(socket))
  return watching
}

/** Of every channel: each has the one that its name says. */
interface Message {
  readonly process: ChildProcess
  readonly worker: Worker
  readonly server: Server
  readonly socket: Socket
}

const childThing = (child: ChildProcess): StartedThing => ({
  get name() {
    return `the process ${child.pid}: ${child.spawnargs.join(' ')}`
  },
  isThere: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null
})

/** Threads for expressions stay as long as the process. */
const threadThing = (worker: Worker): StartedThing | undefined =>
  worker.threadName?.startsWith('expressions')
    ? undefined
    : { name: `the thread ${worker.threadName}`, isThere: () => worker.threadId !== -1 }

function serverThing(server: Server): StartedThing {
  const name = `the server on ${JSON.stringify(server.address())}`
  return { name, isThere: () => server.listening }
}

const socketThing = (socket: Socket): StartedThing => ({
  get name() {
    return `the connection to port ${socket.remotePort}`
  },
  isThere: () => !socket.destroyed && socket.remotePort !== undefined
})
