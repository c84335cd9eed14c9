import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { ask, configsOf, modes } from './asked.ts'
import { startNamedSteps, type NamedSteps } from './named-steps.ts'

/** `route` has the choices `big` of two steps and `choice-2`, and otherwise `small`. */
const routing = (steps: NamedSteps, options: Record<string, unknown> = {}) => ({
  name: 'route',
  switch: [
    { name: 'big', when: 'data.n > 5', steps: [steps.step('b'), steps.step('c')] },
    { when: 'data.n = 5', steps: [steps.step('five')] }
  ],
  otherwise: [steps.step('small')],
  ...options
})

describe.each(modes)('a switch, %s,', mode => {
  const newConfig = configsOf(mode)

  it('calls the steps of the first choice that matches, by paths, and goes on behind it', async () => {
    await using steps = await startNamedSteps()
    await using gateway = await startTestGateway({ steps: [routing(steps), steps.step('z')], config: newConfig() })
    expect((await ask(gateway, mode, '{"n":6}')).text).toBe('"z"')
    expect((await ask(gateway, mode, '{"n":5}')).status).toBe(200)
    expect((await ask(gateway, mode, '{"n":4}')).status).toBe(200)
    expect(steps.calls.map(({ headers }) => headers['sluice-step'])).toEqual([
      'route/big/b',
      'route/big/c',
      'z',
      'route/choice-2/five',
      'z',
      'route/otherwise/small',
      'z'
    ])
    const [first, second] = steps.calls
    expect(second?.headers['ce-source']).toBe('/default/test/route/big/b')
    expect(second?.headers['ce-id']).toBe(`${String(first?.headers['ce-id'])}.route.big.b`)
    expect(second?.headers['ce-causationid']).toBe(first?.headers['ce-id'])
  })

  it('tells the path of the step inside that failed', async () => {
    await using steps = await startNamedSteps()
    steps.answers('c', 400)
    await using gateway = await startTestGateway({ steps: [routing(steps)], config: newConfig() })
    const { status, json } = await ask(gateway, mode, '{"n":6}')
    expect(status).toBe(422)
    expect(json).toMatchObject({ code: 'STEP_REJECTED', step: 'c', path: 'route/big/c', attempts: 1 })
  })

  it('is filtered by the step inside that answers nothing', async () => {
    await using steps = await startNamedSteps()
    steps.answers('small', 'empty')
    await using gateway = await startTestGateway({ steps: [routing(steps), steps.step('z')], config: newConfig() })
    const { status, headers } = await ask(gateway, mode)
    expect([status, headers.get('sluice-outcome'), headers.get('sluice-step')]).toEqual([204, 'filtered', 'small'])
    expect(steps.names).toEqual(['small'])
  })

  it('has a time limit for each step inside', async () => {
    await using steps = await startNamedSteps()
    steps.answers('small', 'hangs')
    const route = routing(steps, { delivery: { timeout: '50ms', retry: 0 } })
    await using gateway = await startTestGateway({ steps: [route], config: newConfig() })
    expect((await ask(gateway, mode)).json).toMatchObject({ code: 'STEP_TIMEOUT', path: 'route/otherwise/small' })
  })
})

describe.each(storeKinds)('a stored request inside a switch, on %s,', kind => {
  const newStore = storesOf(kind)

  it('goes on after its last step inside when the gateway starts again', async () => {
    await using steps = await startNamedSteps()
    const gate = steps.gate('c')
    const store = newStore()
    const definition = { steps: [routing(steps), steps.step('z')] }
    let id: string
    {
      await using gateway = await startStoredGateway(store, definition)
      id = (await gateway.accept('{"n":6}')).id
      await steps.waitForCall('c')
    }
    gate.open()
    await using gateway = await startStoredGateway(store, definition)
    await gateway.until(id, 'replied')
    expect(steps.names).toEqual(['b', 'c', 'c', 'z'])
  })

  it('is replayed from the step that failed inside the choice that was made', async () => {
    await using steps = await startNamedSteps()
    steps.answers('c', 400)
    const route = routing(steps)
    await using gateway = await startStoredGateway(newStore(), { steps: [route, steps.step('z')] })
    const { id } = await gateway.accept('{"n":6}')
    const { error } = await gateway.until(id, 'failed')
    expect(error).toMatchObject({ code: 'STEP_REJECTED', path: 'route/big/c' })
    steps.answers('c', { json: 'now' })
    const replayed = await fetch(`${gateway.adminUrl}/deadletters/${id}/replay`, { method: 'POST' })
    const replay = (await replayed.json()) as { id: string }
    await gateway.until(replay.id, 'replied')
    expect(steps.names).toEqual(['b', 'c', 'c', 'z'])
  })
})
