import { describe, expect, it } from 'vitest'
import { pipelineText } from '../helpers/gateway.ts'
import { startKillableGateway, startSuccessor, type ReachableGateway } from '../helpers/killable-gateway.ts'
import { ended, statusOf, submit } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { startNamedSteps, type NamedSteps } from './named-steps.ts'

const requests = 8

/** A parallel step inside a switch inside a nested pipeline; `c` and `d` are under way when the gateway is killed. */
function definition(steps: NamedSteps) {
  const branches = [
    { name: 'left', steps: [steps.step('a')] },
    { name: 'mid', steps: [steps.step('b'), steps.step('c')] },
    { name: 'right', steps: [steps.step('d')] }
  ]
  const route = {
    name: 'route',
    switch: [{ name: 'fans', when: 'true', steps: [{ name: 'fan', parallel: { branches } }] }]
  }
  const inner = pipelineText([steps.step('x'), route]).replace('"name":"test"', '"name":"inner"')
  return { steps: [{ name: 'nest', pipeline: 'inner' }, steps.step('z')], others: [inner] }
}

/** The status of the request tells of all that is written down of it. */
const isWritten = async (gateway: ReachableGateway, id: string, names: readonly string[]): Promise<boolean> => {
  const { steps = [] } = (await statusOf(gateway, id)) as { steps?: readonly { name: string }[] }
  return names.every(name => steps.some(step => step.name === name))
}

describe.each(storeKinds)('a parallel step in a switch in a nested pipeline, after kill -9, on %s,', kind => {
  const newStore = storesOf(kind)

  it('goes on in each branch, and calls no finished one again', { timeout: 60_000 }, async () => {
    await using steps = await startNamedSteps()
    const gates = [steps.gate('c'), steps.gate('d')]
    const options = { ...definition(steps), store: newStore(), leaseMs: kind === 'Redis' ? 1_000 : 3_600_000 }
    await using killed = await startKillableGateway(options)
    const ids = await Promise.all(Array.from({ length: requests }, () => submit(killed)))
    await steps.waitForCall('c', requests)
    await steps.waitForCall('d', requests)
    for (const id of ids) {
      await waitFor(() => isWritten(killed, id, ['x', 'a', 'b']), {
        what: `the finished branch of ${id} to be written`
      })
    }
    await killed.kill9()
    gates.forEach(gate => gate.open())
    await using next = await startSuccessor(options)
    for (const id of ids) expect(await ended(next, id)).toMatchObject({ status: 'replied', deliveries: 2 })
    const counts = Object.fromEntries(['x', 'a', 'b', 'c', 'd', 'z'].map(name => [name, steps.count(name) / requests]))
    expect(counts).toEqual({ x: 1, a: 1, b: 1, c: 2, d: 2, z: 1 })
    const joined = steps.calls.filter(({ url }) => url === '/z').map(({ body }) => body.toString())
    expect(new Set(joined)).toEqual(new Set(['{"left":"a","mid":"c","right":"d"}']))
  })
})
