import { describe, expect, it } from 'vitest'
import type { StatusDocument } from '../../src/ledger/record/status-document.ts'
import { atOnce } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startNamedSteps, type NamedSteps } from '../graph/named-steps.ts'
import { readServerSentEvents } from './event-reader.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)

/** `PATH STATUS` of each step. */
const treeOf = ({ steps }: Pick<StatusDocument, 'steps'>): string[] =>
  steps.map(({ path, status }) => `${path} ${status}`)

/** The tree once it is this one. */
const untilTree = (gateway: StoredGateway, id: string, tree: readonly string[]) =>
  waitFor(
    async () => {
      const document = await gateway.status(id)
      return JSON.stringify(treeOf(document)) === JSON.stringify(tree) && document
    },
    { what: `the tree ${tree.join(', ')}` }
  )

const listed = async ({ adminUrl }: StoredGateway): Promise<readonly StatusDocument[]> =>
  ((await (await fetch(`${adminUrl}/requests`)).json()) as { items: StatusDocument[] }).items

const fan = (steps: NamedSteps) => ({
  name: 'fan',
  parallel: {
    branches: [
      {
        name: 'left',
        steps: [steps.step('a'), { name: 'route', switch: [{ when: 'true', steps: [steps.step('b')] }] }]
      },
      { name: 'right', steps: [steps.step('c', { when: 'false' }), steps.step('d')] }
    ]
  }
})

/** The fan with both branches under way. */
const fanUnderWay = [
  'first replied',
  'fan running',
  'fan/left/a replied',
  'fan/left/route running',
  'fan/left/route/choice-1/b running',
  'fan/right/c skipped',
  'fan/right/d running'
]

describe.each(storeKinds)('the steps of a request on %s', kind => {
  const newStore = storesOf(kind)

  it('are each that has begun, structured ones before theirs, in the status, the list and the events', async () => {
    await using steps = await startNamedSteps()
    const gates = [steps.gate('b'), steps.gate('d')]
    await using gateway = await startStoredGateway(newStore(), {
      steps: [steps.step('first'), fan(steps), steps.step('last')]
    })
    const { id, links } = await gateway.accept()
    await steps.waitForCall('b')
    await steps.waitForCall('d')
    const document = await untilTree(gateway, id, fanUnderWay)
    expect(document).toMatchObject({ status: 'running', step: 'fan', path: 'fan' })
    expect(document.steps[4]).toEqual({
      name: 'b',
      path: 'fan/left/route/choice-1/b',
      status: 'running',
      attempts: 1,
      startedAt: time
    })
    expect((await listed(gateway))[0]).toMatchObject({ ...document, inFlight: { stage: 'processing' } })
    const told = await readServerSentEvents(await gateway.call(links.events)).next()
    expect(told.value?.data.steps).toEqual(document.steps)
    gates[0]?.open()
    await untilTree(gateway, id, [
      'first replied',
      'fan running',
      'fan/left/a replied',
      'fan/left/route replied',
      'fan/left/route/choice-1/b replied',
      'fan/right/c skipped',
      'fan/right/d running'
    ])
    gates[1]?.open()
    expect(treeOf(await gateway.until(id, 'replied'))).toEqual([
      'first replied',
      'fan replied',
      'fan/left/a replied',
      'fan/left/route replied',
      'fan/left/route/choice-1/b replied',
      'fan/right/c skipped',
      'fan/right/d replied',
      'last replied'
    ])
  })

  it('tell of a branch that is held what it waits for, while another runs and when nothing does', async () => {
    await using steps = await startNamedSteps()
    const gate = steps.gate('busy')
    steps.answers('broken', 500)
    const breaker = { circuitBreaker: { volumeThreshold: 1, resetTimeout: 'PT60S' } }
    const broken = steps.step('broken', { ...breaker, delivery: { retry: 0, ...atOnce } })
    const parallel = {
      branches: [
        { name: 'left', steps: [steps.step('busy')] },
        { name: 'right', steps: [broken] }
      ]
    }
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'fan', parallel }] })
    // Its failure opens the breaker.
    await gateway.until((await gateway.accept()).id, 'failed')
    const { id } = await gateway.accept()
    const running = await untilTree(gateway, id, ['fan running', 'fan/left/busy running', 'fan/right/broken held'])
    expect(running).not.toHaveProperty('waiting')
    expect(running.steps[2]).toMatchObject({ waiting: { reason: 'breaker', since: time, until: time } })
    expect(running.steps[2]).not.toHaveProperty('finishedAt')
    gate.open()
    const held = await untilTree(gateway, id, ['fan held', 'fan/left/busy replied', 'fan/right/broken held'])
    const put = await gateway.until(id, 'accepted')
    expect(treeOf(put)).toEqual(treeOf(held))
    expect(put).toMatchObject({ status: 'accepted', step: 'fan', path: 'fan', waiting: { reason: 'breaker' } })
    expect(put.steps[2]).toMatchObject({ waiting: { reason: 'breaker', lastError: { path: 'fan/right/broken' } } })
  })

  it('of a chain that is held name the step that waits', async () => {
    await using steps = await startNamedSteps()
    steps.answers('broken', 500)
    const breaker = { circuitBreaker: { volumeThreshold: 1, resetTimeout: 'PT60S' } }
    await using gateway = await startStoredGateway(newStore(), {
      steps: [steps.step('ok'), steps.step('broken', { ...breaker, delivery: { retry: 0, ...atOnce } })]
    })
    await gateway.until((await gateway.accept()).id, 'failed')
    const { id } = await gateway.accept()
    const held = await untilTree(gateway, id, ['ok replied', 'broken held'])
    expect(held).toMatchObject({ status: 'accepted', step: 'broken', path: 'broken' })
    expect(held.steps[1]).toMatchObject({ attempts: 0, startedAt: time, waiting: { reason: 'breaker', until: time } })
  })

  it('say which were aborted, failed and filtered', async () => {
    await using steps = await startNamedSteps()
    steps.gate('slow')
    steps.answers('wrong', 400)
    steps.answers('quiet', 'empty')
    const branch = (name: string) => ({ name, steps: [steps.step(name)] })
    const branches = ['slow', 'fast'].map(branch)
    const either = { require: 'any', branches: ['wrong', 'quiet', 'well'].map(branch) }
    await using gateway = await startStoredGateway(newStore(), {
      steps: [
        { name: 'race', parallel: { join: 'race', branches } },
        { name: 'either', parallel: either }
      ]
    })
    const { id } = await gateway.accept()
    expect(treeOf(await gateway.until(id, 'replied'))).toEqual([
      'race replied',
      'race/slow/slow aborted',
      'race/fast/fast replied',
      'either replied',
      'either/wrong/wrong failed',
      'either/quiet/quiet filtered',
      'either/well/well replied'
    ])
  })
})

describe.each(storeKinds)('the failures of steps on %s', kind => {
  const newStore = storesOf(kind)

  it('are told with the step that failed, and with the one that forgave them, whose attempts are its own', async () => {
    await using steps = await startNamedSteps()
    for (const name of ['broken', 'also']) steps.answers(name, { status: 500, body: 'no more room' })
    steps.answers('wrong', 400)
    const delivery = { retry: 1, ...atOnce }
    const branch = (name: string) => ({ name, steps: [steps.step(name)] })
    const fan = {
      name: 'fan',
      parallel: {
        require: 'any',
        branches: [...['wrong', 'well'].map(branch), { ...branch('odd'), when: '$error("no")' }]
      }
    }
    const fallback = [{ uri: `${steps.url}/also` }, { uri: `${steps.url}/spare` }]
    const definition = [
      steps.step('broken', { delivery, onFailure: { fallback } }),
      { name: 'shape', transform: '$error("no")', onFailure: 'continue' },
      fan,
      steps.step('also', { delivery, onFailure: { fallback: { uri: `${steps.url}/broken` } } })
    ]
    await using gateway = await startStoredGateway(newStore(), { steps: definition })
    const { id } = await gateway.accept()
    const document = await gateway.until(id, 'failed')
    const upstreamBody = 'no more room'
    const failed = {
      path: 'broken',
      code: 'STEP_FAILED',
      upstreamStatus: 500,
      upstreamBody,
      detail: expect.any(String)
    }
    const told = document.steps.map(({ path, status, attempts, error }) => [path, status, attempts, error])
    expect(told).toEqual([
      ['broken', 'replied', 2, failed],
      ['shape', 'passed', 0, expect.objectContaining({ path: 'shape', code: 'EXPRESSION_FAILED' })],
      // The first of two that fail at the same time.
      ['fan', 'replied', 0, expect.objectContaining({ path: expect.stringMatching(/^fan\/(odd|wrong\/wrong)$/) })],
      ['fan/wrong/wrong', 'failed', 1, expect.objectContaining({ path: 'fan/wrong/wrong', code: 'STEP_REJECTED' })],
      ['fan/well/well', 'replied', 1, undefined],
      // That of the request, which is told once.
      ['also', 'failed', 2, undefined]
    ])
    expect(document.error).toMatchObject({
      step: 'also',
      attempts: 2,
      detail: expect.stringContaining('/broken answered 500')
    })
    const letter = await (await fetch(`${gateway.adminUrl}/deadletters/${id}`)).json()
    expect(letter).toMatchObject({ attempts: 2, step: 'also' })
  })
})

const fanAborted = fanUnderWay.map(step => step.replace('running', 'aborted'))

describe.each(storeKinds)('the steps of a request that does not go on, on %s,', kind => {
  const newStore = storesOf(kind)

  it('are aborted where it is cancelled, with the steps around them', async () => {
    await using steps = await startNamedSteps()
    steps.gate('b')
    steps.gate('d')
    await using gateway = await startStoredGateway(newStore(), {
      steps: [steps.step('first'), fan(steps), steps.step('last')]
    })
    const { id, links } = await gateway.accept()
    await steps.waitForCall('b')
    await steps.waitForCall('d')
    await untilTree(gateway, id, fanUnderWay)
    const events = readServerSentEvents(await gateway.call(links.events))
    await events.next()
    const told = (async () => {
      let last: StatusDocument | undefined
      for await (const { data } of events) last = data
      return last
    })()
    const answer = (await (await gateway.call(links.self, { method: 'DELETE' })).json()) as StatusDocument
    expect(treeOf(answer)).toEqual(fanAborted)
    const { finishedAt } = answer
    expect(answer.steps[4]).toMatchObject({ attempts: 1, startedAt: time, finishedAt })
    const document = await untilTree(gateway, id, fanAborted)
    for (const step of document.steps) expect(step).toMatchObject({ startedAt: time, finishedAt: time })
    expect(await told).toMatchObject({ status: 'cancelled' })
    expect(treeOf((await listed(gateway))[0] ?? { steps: [] })).toEqual(fanAborted)
  })

  it('are aborted where it was cut and put back by a pause, until they begin again', async () => {
    await using steps = await startNamedSteps()
    const gates = [steps.gate('b'), steps.gate('d')]
    const lifecycle = { pauseGracePeriodSeconds: 0 }
    await using gateway = await startStoredGateway(newStore(), {
      steps: [steps.step('first'), fan(steps), steps.step('last')],
      spec: { lifecycle }
    })
    const { id } = await gateway.accept()
    await steps.waitForCall('b')
    await steps.waitForCall('d')
    await untilTree(gateway, id, fanUnderWay)
    const turn = (desiredPhase: string) =>
      fetch(`${gateway.adminUrl}/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines/test`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ spec: { lifecycle: { desiredPhase } } })
      })
    expect((await turn('Paused')).status).toBe(200)
    const paused = await gateway.until(id, 'accepted')
    expect(treeOf(paused)).toEqual(fanAborted)
    expect(paused).toMatchObject({ status: 'accepted', waiting: { reason: 'paused' }, deliveries: 0 })
    gates.forEach(gate => gate.open())
    expect((await turn('Running')).status).toBe(200)
    const { steps: last } = await gateway.until(id, 'replied')
    expect(last.filter(({ status }) => status === 'aborted')).toEqual([])
  })
})

describe('the steps of a request that another replica runs', () => {
  const newStore = storesOf('Redis')

  it('are those that its run and its marks tell of, also when it is cancelled', async () => {
    await using steps = await startNamedSteps()
    steps.gate('b')
    steps.gate('d')
    const store = newStore()
    const options = { steps: [steps.step('first'), fan(steps), steps.step('last')] }
    await using one = await startStoredGateway(store, options)
    await using other = await startStoredGateway(store, options)
    const { id } = await one.accept()
    await steps.waitForCall('b')
    await steps.waitForCall('d')
    // At first only what the marks tell of, which choice runs a moment later.
    const document = await untilTree(other, id, fanUnderWay)
    expect(document).toMatchObject({ status: 'running', step: 'fan', path: 'fan' })
    expect((await listed(other))[0]).toMatchObject({ steps: document.steps })
    expect(document.steps).toEqual((await one.status(id)).steps)
    for (const step of document.steps) expect(step).toMatchObject({ startedAt: time })
    const events = readServerSentEvents(await other.call(document.links.events))
    expect((await events.next()).value?.data.steps).toEqual(document.steps)
    const answer = await (await other.call(document.links.self, { method: 'DELETE' })).json()
    expect(treeOf(answer as StatusDocument)).toEqual(fanAborted)
    await untilTree(one, id, fanAborted)
  })
})
