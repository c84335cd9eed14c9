import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { startFairClock } from '../helpers/fair-clock.ts'
import { createGate, whenOpened } from '../helpers/gate.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { storesOf } from '../stored/stores.ts'
import { aDefinition, api, conditionOf, pathOf, statusWhen } from './apis.ts'

const post = ({ url }: Pick<Gateway, 'url'>, name: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/default/${name}`, { method: 'POST', body: '{}', headers })

/** A second, and what the clock does not count of a busy machine: the server of Redis has to wait too. */
const withinMs = 1_500

const paused = { spec: { lifecycle: { desiredPhase: 'Paused' } } }
const running = { spec: { lifecycle: { desiredPhase: 'Running' } } }

async function accept(gateway: Pick<Gateway, 'url'>, name: string): Promise<string> {
  const answer = await post(gateway, name, { prefer: 'respond-async' })
  expect(answer.status).toBe(202)
  return String(answer.headers.get('location'))
}

// oxlint-disable-next-line typescript/no-explicit-any
const documentOf = async ({ url }: Pick<Gateway, 'url'>, link: string, wait = 0): Promise<any> =>
  (await fetch(url + link, { headers: { prefer: `wait=${wait}` } })).json()

describe.each([1, 4])('a pause with %i worker processes', workers => {
  const newStore = storesOf('SQLite')

  it('turns callers away who wait, holds the rest, and goes on with them when it is resumed', async () => {
    await using step = await startStep(() => ({ body: 'done' }))
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [step.url]))
    await using gateway = await startGateway(testConfig({ files: [file], store: newStore(), workers }))
    const before = await accept(gateway, 'a')
    expect((await documentOf(gateway, before, 30)).status).toBe('replied')
    expect((await api(gateway, 'PATCH', pathOf('a'), paused)).status).toBe(200)
    const status = await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    expect(status).toMatchObject({ drainedOnPause: true, steps: [{ desiredPhase: 'Paused', phase: 'Paused' }] })
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason: 'Paused' })
    const refused = await post(gateway, 'a')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await refused.json()).toMatchObject({ code: 'PAUSED', pipeline: 'default/a' })
    expect((await post(gateway, 'a', { 'idempotency-key': 'k' })).status).toBe(503)
    const held = await accept(gateway, 'a')
    expect(await documentOf(gateway, held)).toMatchObject({ status: 'accepted', waiting: { reason: 'paused' } })
    expect((await api(gateway, 'GET', `${pathOf('a')}/status`)).body.pending).toBe(1)
    expect(step.requests).toHaveLength(1)
    await api(gateway, 'PATCH', pathOf('a'), running)
    expect(await documentOf(gateway, held, 30)).toMatchObject({ status: 'replied', deliveries: 1 })
    expect((await post(gateway, 'a')).status).toBe(200)
    expect((await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')).drainedOnPause).toBe(false)
  })

  it('waits for what is in flight, and puts back or ends what is not over when the grace period is', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'done' }))
    await using folder = await createTempFolder()
    const lifecycle = { pauseGracePeriodSeconds: 1 }
    const file = await folder.write('a.json', definitionText('a', [step.url], { lifecycle }))
    await using gateway = await startGateway(testConfig({ files: [file], store: newStore(), workers }))
    const waiting = post(gateway, 'a')
    const link = await accept(gateway, 'a')
    await step.waitForRequests(2)
    await api(gateway, 'PATCH', pathOf('a'), paused)
    expect(await statusWhen(gateway, 'a', ({ phase }) => phase === 'Pausing')).toMatchObject({ inFlight: 2 })
    expect(await (await waiting).json()).toMatchObject({ status: 503, code: 'PAUSED' })
    expect(await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')).toMatchObject({ drainedOnPause: false })
    expect(await documentOf(gateway, link)).toMatchObject({ status: 'accepted', waiting: { reason: 'paused' } })
    gate.open()
    await api(gateway, 'PATCH', pathOf('a'), running)
    expect(await documentOf(gateway, link, 30)).toMatchObject({ status: 'replied', deliveries: 1 })
  })

  it('ends the processes of its steps last, and a resumed one has them again', async () => {
    await using folder = await createTempFolder()
    const script = `require('node:http').createServer((q, r) => r.end('pid ' + process.pid)).listen(process.env.PORT, '127.0.0.1')`
    const run = { command: [process.execPath, '-e', script] }
    const file = await folder.write('a.json', definitionText('a', [{ name: 's', run }]))
    await using gateway = await startGateway(testConfig({ files: [file], store: newStore(), workers }))
    const pid = Number((await (await post(gateway, 'a')).text()).slice(4))
    await api(gateway, 'PATCH', pathOf('a'), paused)
    const status = await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
    expect(status.steps).toMatchObject([{ desiredPhase: 'Paused', instances: { desired: 0, ready: 0 } }])
    await api(gateway, 'PATCH', pathOf('a'), running)
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')
    expect((await post(gateway, 'a')).status).toBe(200)
  })
})

describe('a pipeline that is paused', () => {
  it('is so from the start where its file says so, and until that says something else', async () => {
    await using step = await startStep(() => ({ body: 'done' }))
    await using folder = await createTempFolder()
    const text = definitionText('a', [step.url], { lifecycle: { desiredPhase: 'Paused' } })
    const file = await folder.write('a.json', text)
    await using gateway = await startGateway(testConfig({ files: [file], watch: true }))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    expect((await post(gateway, 'a')).status).toBe(503)
    await writeFile(file, definitionText('a', [step.url]))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')
    expect((await post(gateway, 'a')).status).toBe(200)
  })

  it('by a command stays so over restarts and edits, until its own lifecycle is another one', async () => {
    await using step = await startStep(() => ({ body: 'done' }))
    await using folder = await createTempFolder()
    const store = `sqlite:${folder.path}/s.db`
    const file = await folder.write('a.json', definitionText('a', [step.url]))
    const start = () => startGateway(testConfig({ files: [file], watch: true, store }))
    {
      await using gateway = await start()
      await api(gateway, 'PATCH', pathOf('a'), paused)
      await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
      await writeFile(file, definitionText('a', [step.url, step.url]))
      await statusWhen(gateway, 'a', ({ observedGeneration }) => observedGeneration === 2, 'new generation')
      expect((await post(gateway, 'a')).status).toBe(503)
    }
    await using gateway = await start()
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    await writeFile(file, definitionText('a', [step.url], { lifecycle: { pauseGracePeriodSeconds: 3 } }))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')
    await writeFile(file, definitionText('a', [step.url, step.url, step.url]))
    await statusWhen(gateway, 'a', ({ steps }) => steps.length === 3, 'third definition')
    expect((await post(gateway, 'a')).status).toBe(200)
  })

  it('of the admin API stays so over a restart; one that was deleted stays deleted', async () => {
    await using step = await startStep(() => ({ body: 'done' }))
    await using folder = await createTempFolder()
    const store = `sqlite:${folder.path}/s.db`
    {
      await using gateway = await startGateway(testConfig({ store }))
      for (const name of ['a', 'b', 'c']) await api(gateway, 'PUT', pathOf(name), aDefinition(name, [step.url]))
      await api(gateway, 'PATCH', pathOf('b'), paused)
      await api(gateway, 'DELETE', pathOf('c'))
    }
    await using gateway = await startGateway(testConfig({ store }))
    expect((await post(gateway, 'a')).status).toBe(200)
    await statusWhen(gateway, 'b', ({ phase }) => phase === 'Paused')
    expect((await post(gateway, 'b')).status).toBe(503)
    expect((await post(gateway, 'c')).status).toBe(404)
  })

  it('one of its name that comes after it counts its own pauses only', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'done' }))
    await using gateway = await startGateway(testConfig({}))
    const spec = { lifecycle: { pauseGracePeriodSeconds: 0 } }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], spec))
    await accept(gateway, 'a')
    await step.waitForRequests(1)
    await api(gateway, 'PATCH', pathOf('a'), paused)
    expect((await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')).drainedOnPause).toBe(false)
    gate.open()
    await api(gateway, 'DELETE', `${pathOf('a')}?requests=cancel`)
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url]))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')
    await api(gateway, 'PATCH', pathOf('a'), paused)
    expect((await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')).drainedOnPause).toBe(true)
  })

  it('is deleted at once', async () => {
    await using step = await startStep(() => ({ body: 'done' }))
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url]))
    await api(gateway, 'PATCH', pathOf('a'), paused)
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    expect((await api(gateway, 'DELETE', pathOf('a'))).status).toBe(202)
    expect((await api(gateway, 'GET', pathOf('a'))).status).toBe(404)
  })
})

describe('two replicas on one Redis', () => {
  const newStore = storesOf('Redis')

  const startReplicas = async (file: string) => {
    await using opened = new AsyncDisposableStack()
    const store = newStore()
    const one = opened.use(await startGateway(testConfig({ files: [file], store })))
    const other = opened.use(await startGateway(testConfig({ files: [file], store })))
    const owned = opened.move()
    return { one, other, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  it('follow a definition, a change and a deletion within a second', async () => {
    await using step = await startStep(({ url }) => ({ body: url }))
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [step.url]))
    await using replicas = await startReplicas(file)
    const { one, other } = replicas
    const follows = async (status: number, text?: string) => {
      const clock = startFairClock()
      for (;;) {
        const answer = await post(other, 'b')
        const body = await answer.text()
        if (answer.status === status && (text === undefined || body === text)) break
        if (clock.elapsed() > 10_000) throw new Error(`still ${answer.status} ${body}`)
      }
      return clock.elapsed()
    }
    await api(one, 'PUT', pathOf('b'), aDefinition('b', [`${step.url}/1`]))
    expect(await follows(200, '/1')).toBeLessThan(withinMs)
    await api(one, 'PUT', pathOf('b'), aDefinition('b', [`${step.url}/2`]))
    expect(await follows(200, '/2')).toBeLessThan(withinMs)
    await api(one, 'PATCH', pathOf('b'), paused)
    expect(await follows(503)).toBeLessThan(withinMs)
    await api(one, 'DELETE', pathOf('b'))
    expect(await follows(404)).toBeLessThan(withinMs)
  })

  it('pause together: what one of them put back shows at both', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'done' }))
    await using folder = await createTempFolder()
    const lifecycle = { pauseGracePeriodSeconds: 1 }
    const file = await folder.write('a.json', definitionText('a', [step.url], { lifecycle }))
    await using replicas = await startReplicas(file)
    const { one, other } = replicas
    const link = await accept(one, 'a')
    await step.waitForRequests(1)
    await api(other, 'PATCH', pathOf('a'), paused)
    for (const replica of [one, other]) {
      expect((await statusWhen(replica, 'a', ({ phase }) => phase === 'Paused')).drainedOnPause).toBe(false)
    }
    gate.open()
    await api(one, 'PATCH', pathOf('a'), running)
    expect(await documentOf(other, link, 30)).toMatchObject({ status: 'replied', deliveries: 1 })
    await statusWhen(other, 'a', ({ phase }) => phase === 'Running')
    await api(other, 'PATCH', pathOf('a'), paused)
    for (const replica of [one, other]) {
      expect((await statusWhen(replica, 'a', ({ phase }) => phase === 'Paused')).drainedOnPause).toBe(true)
    }
  })
})
