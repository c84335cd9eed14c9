import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { listenOnLoopback } from './loopback.ts'
import { startStep } from './step-server.ts'
import { watchStartedThings, type StartedThing } from './started-things.ts'
import { waitFor } from './wait-for.ts'

it('names servers, connections, processes and threads for as long as they are there', async () => {
  const things: StartedThing[] = []
  const watching = watchStartedThings(thing => things.push(thing))
  const there = (): readonly string[] => things.filter(thing => thing.isThere()).map(({ name }) => name)
  const server = createServer()
  const port = await listenOnLoopback(server)
  const socket = connect(port, '127.0.0.1')
  const [accepted] = await once(server, 'connection')
  const child = spawn('sleep', ['60'])
  const thread = new Worker('setInterval(() => {}, 1000)', { eval: true, name: 'own' })
  await waitFor(() => there().includes(`the connection to port ${port}`), { what: 'the connection' })
  expect(there().map(name => name.replaceAll(/\d+/g, 'N'))).toEqual([
    'the server on {"address":"N.N.N.N","family":"IPvN","port":N}',
    'the connection to port N',
    'the process N: sleep N',
    'the thread own'
  ])
  socket.destroy()
  accepted.destroy()
  server.close()
  child.kill()
  await thread.terminate()
  await waitFor(() => there().length === 0, { what: 'their end' })
  watching[Symbol.dispose]()
  const known = things.length
  await using _ = await startStep(200)
  expect(things).toHaveLength(known)
})
