import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { replay } from '../replay/dead-letter-calls.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps, type NamedSteps } from './named-steps.ts'

const once = { delivery: { retry: 0 } }

/** Branches `left` of `a`, `mid` of `b` and `c`, `right` of `d`. */
const fan = (steps: NamedSteps, parallel: Record<string, unknown> = {}, options: Record<string, unknown> = {}) => ({
  name: 'fan',
  parallel: {
    branches: [
      { name: 'left', steps: [steps.step('a')] },
      { name: 'mid', steps: [steps.step('b'), steps.step('c')] },
      { name: 'right', steps: [steps.step('d')] }
    ],
    ...parallel
  },
  ...options
})

describe.each(modes)('a parallel step, %s,', mode => {
  const newConfig = configsOf(mode)
  const start = (steps: readonly Record<string, unknown>[], spec: Record<string, unknown> = once) =>
    startTestGateway({ steps, spec, config: newConfig() })

  it('gives all branches the same event at the same time, and joins what they gave', async () => {
    await using steps = await startNamedSteps()
    const gates = ['a', 'b', 'd'].map(name => steps.gate(name))
    steps.answers('a', { headers: { 'content-type': 'application/json' }, body: '{"n": 1.50}' })
    steps.answers('d', { headers: { 'content-type': 'text/plain' }, body: 'said "so"' })
    await using gateway = await start([fan(steps)])
    const asked = ask(gateway, mode)
    await Promise.all(['a', 'b', 'd'].map(name => steps.waitForCall(name)))
    gates.forEach(gate => gate.open())
    expect((await asked).text).toBe('{"left":{"n": 1.50},"mid":"c","right":"said \\"so\\""}')
    const [a, b, d] = ['a', 'b', 'd'].map(name => steps.calls.find(({ url }) => url === `/${name}`))
    expect(new Set([a, b, d].map(call => call?.headers['ce-id'])).size).toBe(1)
    expect([a, b, d].map(call => call?.headers['sluice-step'])).toEqual(['fan/left/a', 'fan/mid/b', 'fan/right/d'])
  })

  it('gives the join an id, a source and a cause of its own', async () => {
    await using steps = await startNamedSteps()
    await using gateway = await start([fan(steps), steps.step('z')])
    await ask(gateway, mode)
    const [first, joined] = [steps.calls[0], await steps.waitForCall('z')]
    expect(joined.headers).toMatchObject({
      'ce-id': `${String(first?.headers['ce-id'])}.fan`,
      'ce-source': '/default/test/fan',
      'ce-type': 'dev.sluice.reply',
      'ce-causationid': first?.headers['ce-id'],
      'content-type': 'application/json'
    })
  })

  it('fails with the first failure, and aborts the branches that still run', async () => {
    await using steps = await startNamedSteps()
    steps.answers('a', 400)
    steps.answers('d', 'hangs')
    await using gateway = await start([fan(steps)])
    const { status, json } = await ask(gateway, mode)
    expect(status).toBe(422)
    expect(json).toMatchObject({ code: 'STEP_REJECTED', step: 'a', path: 'fan/left/a', attempts: 1 })
    const hanging = await steps.waitForCall('d')
    await waitFor(() => hanging.signal.aborted, { what: 'the branch that hangs to be aborted' })
  })

  it('forgives failures that `require` allows, also one by time, and leaves them out', async () => {
    await using steps = await startNamedSteps()
    steps.answers('a', 500)
    steps.answers('d', 'hangs')
    await using gateway = await start([fan(steps, { require: 'any' })], { delivery: { retry: 0, timeout: '200ms' } })
    expect((await ask(gateway, mode)).text).toBe('{"mid":"c"}')
  })

  it('fails as soon as not enough can reply, with the failure that was first', async () => {
    await using steps = await startNamedSteps()
    const gate = steps.gate('d')
    steps.answers('a', 500)
    steps.answers('d', 400)
    await using gateway = await start([fan(steps, { require: 2, join: 'array' })])
    const asked = ask(gateway, mode)
    await steps.waitForCall('c')
    gate.open()
    expect((await asked).json).toMatchObject({ code: 'STEP_FAILED', path: 'fan/left/a' })
  })

  it('gives what the first in order replied, to the byte, and aborts the rest', async () => {
    await using steps = await startNamedSteps()
    steps.answers('a', 500)
    steps.answers('c', { headers: { 'content-type': 'application/json' }, body: '[ 1 ]' })
    steps.answers('d', 'hangs')
    await using gateway = await start([fan(steps, { join: 'first' })])
    expect((await ask(gateway, mode)).text).toBe('[ 1 ]')
    const hanging = await steps.waitForCall('d')
    await waitFor(() => hanging.signal.aborted, { what: 'the branch that hangs to be aborted' })
  })

  it('gives what the first in time replied', async () => {
    await using steps = await startNamedSteps()
    steps.answers('a', 'hangs')
    steps.answers('b', 'hangs')
    await using gateway = await start([fan(steps, { join: 'race' })])
    expect((await ask(gateway, mode)).text).toBe('"d"')
  })

  it('leaves out branches that were filtered or skipped; without any, it is empty', async () => {
    await using steps = await startNamedSteps()
    steps.answers('a', 'empty')
    const branches = [
      { name: 'left', steps: [steps.step('a')] },
      { name: 'right', when: 'data.n > 1', steps: [steps.step('d')] }
    ]
    await using gateway = await start([fan(steps, { branches, join: 'array', require: 'any' })])
    expect((await ask(gateway, mode, '{"n":2}')).text).toBe('[null,"d"]')
    const { status, headers } = await ask(gateway, mode, '{"n":1}')
    expect([status, headers.get('sluice-step')]).toEqual([204, 'a'])
  })

  it('sends only what is not forgiven to the dead letter sink', async () => {
    await using steps = await startNamedSteps()
    steps.answers('a', 500)
    const spec = { delivery: { retry: 0, deadLetterSink: { uri: `${steps.url}/sink` } } }
    await using gateway = await start([fan(steps, { require: 'any' })], spec)
    expect((await ask(gateway, mode)).status).toBe(200)
    steps.answers('c', 400)
    steps.answers('d', 400)
    await ask(gateway, mode)
    const letter = await steps.waitForCall('sink')
    // The first failure in time is one of the two that were first called.
    expect(['a', 'd']).toContain(letter.headers['ce-sluicestep'])
    expect(steps.count('sink')).toBe(1)
  })

  it('runs 64 branches', async () => {
    await using steps = await startNamedSteps()
    const branches = Array.from({ length: 64 }, (_, i) => ({ name: `b${i}`, steps: [steps.step(`s${i}`)] }))
    await using gateway = await start([fan(steps, { branches })])
    const { json } = await ask(gateway, mode)
    expect(json).toEqual(Object.fromEntries(branches.map(({ name }, i) => [name, `s${i}`])))
  })
})

it('aborts all branches when the caller goes away', async () => {
  await using steps = await startNamedSteps()
  for (const name of ['a', 'b', 'd']) steps.answers(name, 'hangs')
  await using gateway = await startTestGateway({ steps: [fan(steps)] })
  const leaving = new AbortController()
  const asked = gateway.post('{}', { signal: leaving.signal }).catch(() => undefined)
  const calls = await Promise.all(['a', 'b', 'd'].map(name => steps.waitForCall(name)))
  leaving.abort()
  await asked
  for (const { signal } of calls) await waitFor(() => signal.aborted, { what: 'the call to be aborted' })
  expect(steps.names.toSorted()).toEqual(['a', 'b', 'd'])
})

describe.each(storeKinds)('a stored request in branches, on %s,', kind => {
  const newStore = storesOf(kind)

  it('goes on in each branch where that stood, and calls no finished branch again', async () => {
    await using steps = await startNamedSteps()
    const gates = [steps.gate('c'), steps.gate('d')]
    const store = newStore()
    const definition = { steps: [fan(steps), steps.step('z')], spec: once }
    let id: string
    {
      await using gateway = await startStoredGateway(store, definition)
      id = (await gateway.accept()).id
      await steps.waitForCall('c')
      await steps.waitForCall('d')
      await waitFor(async () => (await gateway.status(id)).steps.some(({ name }) => name === 'a'), {
        what: 'the branch of a to be written down'
      })
    }
    gates.forEach(gate => gate.open())
    await using gateway = await startStoredGateway(store, definition)
    await gateway.until(id, 'replied')
    expect(steps.names.toSorted()).toEqual(['a', 'b', 'c', 'c', 'd', 'd', 'z'])
    const reply = await gateway.call(`/default/test/requests/${id}/reply`)
    expect(await reply.text()).toBe('"z"')
    expect((await steps.waitForCall('z')).body.toString()).toBe('{"left":"a","mid":"c","right":"d"}')
  })

  it('tells of each step in the order of the definition, with what became of it', async () => {
    await using steps = await startNamedSteps()
    steps.answers('d', 'hangs')
    const definition = { steps: [{ ...steps.step('y'), when: 'false' }, fan(steps, { join: 'first' })], spec: once }
    const gate = steps.gate('a')
    await using gateway = await startStoredGateway(newStore(), definition)
    const { id } = await gateway.accept()
    await steps.waitForCall('c')
    gate.open()
    const document = await gateway.until(id, 'replied')
    const told = document.steps.map(({ path, status }) => `${path} ${status}`)
    expect(told.filter(line => !line.startsWith('fan/mid/c '))).toEqual([
      'y skipped',
      'fan replied',
      'fan/left/a replied',
      'fan/mid/b replied',
      'fan/right/d aborted'
    ])
  })

  it('lists each failure in its dead letter, and is replayed from those branches alone', async () => {
    await using steps = await startNamedSteps()
    steps.answers('c', 400)
    steps.answers('d', 500)
    const definition = { steps: [fan(steps, { require: 2 }), steps.step('z')], spec: once }
    await using gateway = await startStoredGateway(newStore(), definition)
    const { id } = await gateway.accept()
    await gateway.until(id, 'failed')
    const letter = (await (await fetch(`${gateway.adminUrl}/deadletters/${id}`)).json()) as Record<string, unknown>
    const failures = letter['failures'] as { path: string }[]
    expect(failures.map(({ path }) => path).toSorted()).toEqual(['fan/mid/c', 'fan/right/d'])
    expect(failures[0]).toMatchObject({ code: letter['code'], path: letter['path'] })
    steps.answers('c', { json: 'c' })
    steps.answers('d', { json: 'd' })
    const { id: again } = await replay(gateway, id)
    await gateway.until(again, 'replied')
    expect(steps.names.toSorted()).toEqual(['a', 'b', 'c', 'c', 'd', 'd', 'z'])
  })

  it('waits for a branch whose breaker is open, and then runs that branch alone', async () => {
    await using steps = await startNamedSteps()
    const shy = steps.step('d', {
      circuitBreaker: { volumeThreshold: 1, resetTimeout: '200ms' },
      delivery: { retry: 0 }
    })
    const branches = [
      { name: 'left', steps: [steps.step('a')] },
      { name: 'mid', steps: [steps.step('b')] },
      { name: 'right', steps: [shy] }
    ]
    const opening = { name: 'opening', when: 'data.opens', steps: [{ ...shy, name: 'opener' }] }
    const route = { name: 'route', switch: [opening], otherwise: [fan(steps, { branches, require: 3 })] }
    steps.answers('b', 'empty')
    steps.answers('d', 500)
    await using gateway = await startStoredGateway(newStore(), { steps: [route], spec: once })
    await waitFor(async () => (await gateway.post('{"opens":true}')).status === 503, { what: 'the breaker to open' })
    steps.answers('b', { json: 'b' })
    const { id } = await gateway.accept('{}')
    await waitFor(async () => (await gateway.status(id)).waiting?.reason === 'breaker', { what: 'it to be held' })
    steps.answers('d', { json: 'd' })
    const { deliveries } = await gateway.until(id, 'replied')
    expect([steps.count('a'), steps.count('b'), deliveries]).toEqual([1, 1, 1])
  })
})
