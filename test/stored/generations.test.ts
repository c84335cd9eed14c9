import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

/** A server for steps of any names; calls of one name wait until the gate is open. */
async function startSteps(waiting: string) {
  const gate = createGate()
  const server = await startStep(async ({ url }) => {
    if (url === `/${waiting}`) await gate.opened
    return { body: url }
  })
  return { server, gate }
}

const stepsAt = ({ url }: StepServer, names: readonly string[]) => names.map(name => ({ name, uri: `${url}/${name}` }))

/** How often each step was called; who was called again after the restart counts once more. */
const callsIn = ({ requests }: StepServer) => requests.map(({ url }) => url.slice(1)).join(' ')

const generationOf = async (gateway: StoredGateway, id: string) => (await gateway.status(id)).generation

const edits: readonly (readonly [string, readonly string[]])[] = [
  ['its first step removed', ['s', 'c']],
  ['a new first step', ['new', 'a', 's', 'c']],
  ['the step renamed at which the request stood', ['a', 'renamed', 'c']],
  ['its steps reversed', ['c', 's', 'a']],
  ['one step left', ['s']]
]

describe.each(storeKinds)('an accepted request, on %s,', kind => {
  const newStore = storesOf(kind)

  it.each(edits)(
    'ends on the steps that it was accepted with, each once, when the definition has %s',
    async (_, names) => {
      const { server, gate } = await startSteps('s')
      await using steps = server
      const store = newStore()
      let id: string
      {
        await using gateway = await startStoredGateway(store, { steps: stepsAt(steps, ['a', 's', 'c']) })
        id = (await gateway.accept()).id
        await steps.waitForRequests(2)
      }
      gate.open()
      await using gateway = await startStoredGateway(store, { steps: stepsAt(steps, names) })
      const { generation } = await gateway.until(id, 'replied')
      expect([generation, callsIn(steps)]).toEqual([1, 'a s s c'])
      // A new one goes through the steps as they are now.
      const other = await gateway.accept()
      await gateway.until(other.id, 'replied')
      expect([await generationOf(gateway, other.id), callsIn(steps)]).toEqual([2, `a s s c ${names.join(' ')}`])
    }
  )

  it('has the number that its definition had before, when somebody goes back to it', async () => {
    const { server, gate } = await startSteps('b')
    await using steps = server
    const store = newStore()
    const numbers: unknown[] = []
    for (const names of [['a', 'b'], ['c'], ['a', 'b']]) {
      await using gateway = await startStoredGateway(store, { steps: stepsAt(steps, names) })
      const { id } = await gateway.accept()
      numbers.push(await generationOf(gateway, id))
      if (names.length === 2) await steps.waitForRequests(2)
      else await gateway.until(id, 'replied')
    }
    gate.open()
    expect(numbers).toEqual([1, 2, 1])
  })

  it('keeps the limits of its own generation out of others, and its lifecycle out of the number', async () => {
    const { server } = await startSteps('none')
    await using steps = server
    const store = newStore()
    const numbers: unknown[] = []
    for (const spec of [{ deadline: 'PT10S' }, { deadline: 'PT20S' }]) {
      await using gateway = await startStoredGateway(store, { steps: stepsAt(steps, ['a']), spec })
      const { id } = await gateway.accept()
      numbers.push(await generationOf(gateway, id))
      await gateway.until(id, 'replied')
    }
    expect(numbers).toEqual([1, 2])
  })

  it('goes on with its own local process, beside the one that a new definition has for the step', async () => {
    const { server, gate } = await startSteps('s')
    await using steps = server
    const store = newStore()
    const definition = (word: string) => [
      ...stepsAt(steps, ['s']),
      { name: 'local', run: { command: ['node', '-e', answering(word)] } }
    ]
    let id: string
    {
      await using gateway = await startStoredGateway(store, { steps: definition('old') })
      id = (await gateway.accept()).id
      await steps.waitForRequests(1)
    }
    gate.open()
    await using gateway = await startStoredGateway(store, { steps: definition('new') })
    await gateway.until(id, 'replied')
    const other = await gateway.accept()
    await gateway.until(other.id, 'replied')
    const replyOf = async (one: string) => (await gateway.call(`/default/test/requests/${one}/reply`)).text()
    expect([await replyOf(id), await replyOf(other.id)]).toEqual(['old', 'new'])
  })
})

describe('two replicas of different files on one store', () => {
  const newStore = storesOf('Redis')

  it('run each request on the definition that it was accepted with', async () => {
    await using steps = await startStep(({ url }) => ({ body: url }))
    const store = newStore()
    const spec = { limits: { maxInFlight: 4 } }
    const definitions = [
      ['a', 's', 'c'],
      ['new', 'c', 's']
    ]
    await using first = await startStoredGateway(store, { steps: stepsAt(steps, definitions[0] ?? []), spec })
    await using second = await startStoredGateway(store, { steps: stepsAt(steps, definitions[1] ?? []), spec })
    const accepted = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? first : second).accept(`${i}`, { 'x-request-id': `r${i}` }))
    )
    for (const body of accepted) await first.until(body.id, 'replied')
    const byRequest = Map.groupBy(steps.requests, ({ headers }) => String(headers['x-request-id']))
    expect(byRequest.size).toBe(200)
    for (const [id, requests] of byRequest) {
      const names = requests.map(({ url }) => url.slice(1))
      expect(names, id).toEqual(definitions[Number(id.slice(1)) % 2])
    }
  })
})

describe('a definition that no request needs any more', () => {
  const newStore = storesOf('SQLite')

  it('is forgotten, and its number is not given again', async () => {
    await using steps = await startStep(({ url }) => ({ body: url }))
    const store = newStore()
    const numbers: unknown[] = []
    for (const name of ['a', 'b', 'a']) {
      await using gateway = await startStoredGateway(store, { steps: stepsAt(steps, [name]) })
      const { id } = await gateway.accept()
      numbers.push(await generationOf(gateway, id))
      await gateway.until(id, 'replied')
    }
    // The first was forgotten when the second gateway started, so that it is a new one now.
    expect(numbers).toEqual([1, 2, 3])
    await waitFor(() => steps.requests.length === 3, { what: 'three calls' })
  })
})

const answering = (word: string): string =>
  `require('http').createServer((_, response) => response.end('${word}')).listen(process.env.PORT, '127.0.0.1')`
