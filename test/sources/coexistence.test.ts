import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { api, conditionOf, statusWhen } from '../control/apis.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { placeOf, servingText, shown, startCoexisting } from './coexisting.ts'
import { connect, sourcedText } from './sourced-gateway.ts'
import { aPair, readFrom, writeTo } from './redis-entries.ts'
import { startEchoStep } from '../helpers/echo-step.ts'

let redis: RedisServer
beforeAll(async () => void (redis = await startRedis()))
afterAll(async () => redis[Symbol.asyncDispose]())

const read = (stream: string) => readFrom(redis, stream)
const write = (stream: string) => writeTo(redis, stream)
const post = (url: string, body = '{"from":"caller"}', headers: Record<string, string> = {}) =>
  fetch(`${url}/default/test`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

const isGone = ({
  conditions
}: {
  readonly conditions: readonly { readonly type: string; readonly reason: string }[]
}) => conditions.some(({ type, reason }) => type === 'Valid' && reason === 'DefinitionGone')

describe('a ServingPipeline and a Pipeline of one name', () => {
  it('are one pipeline: a caller gets the reply, and an entry goes to the sinks', async () => {
    await using client = connect(redis)
    await using step = await startEchoStep()
    const { from, to } = aPair()
    await using both = await startCoexisting({
      'all.yaml': `${servingText([{ name: 'score', uri: step.url }])}\n---\n${sourcedText({ sources: read(from), sinks: write(to) })}`
    })
    const { gateway } = both
    await client.xadd(from, '*', 'data', '{"from":"stream"}')
    const answer = await post(gateway.url)
    expect([answer.status, await answer.json()]).toEqual([200, { from: 'caller' }])
    const stored = await ended(gateway, await submit(gateway, { data: { from: 'stored' } }))
    expect([stored.status, stored.steps.map(({ path }) => path)]).toEqual(['replied', ['score']])
    const [entry] = await waitFor(async () => (await client.xlen(to)) > 0 && client.xrange(to, '-', '+'), {
      what: 'the entry at the sink'
    })
    expect(entry?.[1]).toContain('{"from":"stream"}')
    expect(await client.xlen(to)).toBe(1)
    expect(step.requests).toHaveLength(3)
    const [serving, sourced] = [await shown(gateway, 'servingpipelines'), await shown(gateway, 'pipelines')]
    expect([serving.spec.sinks, sourced.spec.steps]).toEqual([undefined, undefined])
    expect(serving.metadata.generation).toBe(sourced.metadata.generation)
    expect([serving.status.phase, sourced.status.phase]).toEqual(['Running', 'Running'])
    expect([serving.status.url, sourced.status.url]).toEqual([`${gateway.url}/default/test`, undefined])
    const list = await (await fetch(gateway.url, { headers: { accept: 'application/json' } })).json()
    expect(list).toMatchObject({ items: [{ name: 'test', steps: ['score'] }] })
  })

  it('fills the ServingPipeline up, field by field, and keeps that in step', async () => {
    await using step = await startStep(500, 500, 500, ({ body }) => ({ body }))
    const { to } = aPair()
    const sourced = (retry: number) =>
      sourcedText({
        steps: [{ name: 'score', uri: step.url }],
        sinks: write(to),
        delivery: { retry, backoffDelay: '1ms', timeout: '20s' },
        limits: { maxQueued: 7, maxBodyBytes: 50 },
        deadline: '1h'
      })
    await using both = await startCoexisting({
      'a.yaml': sourced(0),
      'b.yaml': servingText(undefined, { delivery: { timeout: '10s' }, limits: { maxBodyBytes: 100 } })
    })
    const { gateway } = both
    const before = await shown(gateway, 'servingpipelines')
    expect(before.status.taken).toEqual(['steps', 'delivery.retry', 'delivery.backoffDelay', 'limits.maxQueued'])
    expect(conditionOf(before.status, 'Valid')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('deadline')
    })
    expect((await post(gateway.url, JSON.stringify('x'.repeat(60)))).status).toBe(502)
    expect(step.requests).toHaveLength(1)
    await both.write('a.yaml', sourced(3))
    await statusWhen(gateway, 'test', ({ observedGeneration }) => observedGeneration > before.metadata.generation)
    expect((await post(gateway.url)).status).toBe(200)
    expect(step.requests).toHaveLength(4)
    expect((await shown(gateway, 'servingpipelines')).spec).toEqual(before.spec)
  })

  it('come from any sources, by the admin API and a file too, and go one by one', async () => {
    await using client = connect(redis)
    const { from, to } = aPair()
    const sourced = sourcedText({
      steps: [{ name: 'own', transform: '"pipeline"' }],
      sources: read(from),
      sinks: write(to)
    })
    await using both = await startCoexisting({ 'a.yaml': sourced })
    const { gateway } = both
    const entries = async (count: number) => {
      await client.xadd(from, '*', 'data', '1')
      return waitFor(async () => (await client.xlen(to)) === count && client.xrange(to, '-', '+'), {
        what: `entry ${count} at the sink`
      })
    }
    expect((await entries(1))[0]?.[1]).toContain('"pipeline"')
    expect((await post(gateway.url)).status).toBe(404)
    const text = servingText([{ name: 'serving', transform: '"serving"' }])
    expect((await api(gateway, 'PUT', placeOf('servingpipelines'), text)).status).toBe(201)
    expect(await (await post(gateway.url)).json()).toBe('serving')
    expect((await entries(2))[1]?.[1]).toContain('"serving"')
    expect((await api(gateway, 'DELETE', placeOf('servingpipelines'))).status).toBe(202)
    expect((await post(gateway.url)).status).toBe(404)
    expect((await entries(3))[2]?.[1]).toContain('"pipeline"')
    expect((await api(gateway, 'GET', placeOf('servingpipelines'))).status).toBe(404)
    expect((await shown(gateway, 'pipelines')).status.phase).toBe('Running')
    expect((await api(gateway, 'PUT', placeOf('servingpipelines'), text)).status).toBe(201)
  })

  it('keeps what was taken when the Pipeline goes, after a restart too', async () => {
    const { to } = aPair()
    const sourced = (reply: string) =>
      sourcedText({ steps: [{ transform: `"${reply}"` }], sinks: write(to), limits: { maxQueued: 3 } })
    await using folder = await createTempFolder()
    const config = testConfig({ files: [folder.path], store: `sqlite:${folder.path}/test.db`, watch: true })
    const file = await folder.write('a.yaml', sourced('lent'))
    await folder.write('b.yaml', servingText(undefined))
    {
      await using gateway = await startGateway(config)
      expect(await (await post(gateway.url)).json()).toBe('lent')
      await rm(file)
      const status = await statusWhen(gateway, 'test', isGone)
      expect(conditionOf(status, 'Valid')).toMatchObject({
        status: 'False',
        message: expect.stringMatching(/Pipeline.*gone.*last known good steps, limits\.maxQueued/)
      })
      expect(status.taken).toEqual(['steps', 'limits.maxQueued'])
      expect(await (await post(gateway.url)).json()).toBe('lent')
    }
    await using again = await startGateway(config)
    expect(await (await post(again.url)).json()).toBe('lent')
    expect(isGone((await shown(again, 'servingpipelines')).status)).toBe(true)
    await folder.write('a.yaml', sourced('back'))
    await waitFor(async () => (await (await post(again.url)).json()) === 'back', { what: 'the steps that came back' })
    expect(conditionOf((await shown(again, 'servingpipelines')).status, 'Valid').status).toBe('True')
  })

  it('is faulty where neither has steps, and lacks them by itself only until the other comes', async () => {
    await using both = await startCoexisting({ 'b.yaml': servingText(undefined) })
    const { gateway } = both
    const lone = (await shown(gateway, 'servingpipelines')).status
    expect(conditionOf(lone, 'Valid')).toMatchObject({ status: 'False', reason: 'Faulty' })
    expect(conditionOf(lone, 'Valid').message).toMatch(/b\.yaml:1:\d+ spec\.steps: is required/)
    const refused = await api(
      gateway,
      'PUT',
      placeOf('pipelines', 'other'),
      sourcedText({ sinks: [{ name: 'l', log: {} }] }, 'other')
    )
    expect([refused.status, refused.body.faults]).toEqual([400, [expect.stringContaining('spec.steps: is required')]])
    const sourced = sourcedText({ steps: [{ transform: '"whole"' }], sinks: [{ name: 'l', log: {} }] })
    expect((await api(gateway, 'PUT', placeOf('pipelines'), sourced)).status).toBe(201)
    expect(await (await post(gateway.url)).json()).toBe('whole')
  })

  it('names a step that is called like the sinks where it stands, and serves on without these', async () => {
    await using both = await startCoexisting({ 'b.yaml': servingText([{ name: 'sinks', transform: '"fine"' }]) })
    const { gateway } = both
    await both.write('a.yaml', sourcedText({ sinks: [{ name: 'l', log: {} }] }))
    const status = await statusWhen(gateway, 'test', ({ conditions }) =>
      conditions.some(({ type, reason }: { type: string; reason: string }) => type === 'Valid' && reason === 'Faulty')
    )
    expect(conditionOf(status, 'Valid').message).toMatch(/b\.yaml:1:\d+ spec\.steps\[0\]\.name: must not be 'sinks'/)
    expect(await (await post(gateway.url)).json()).toBe('fine')
  })

  it('has the lifecycle of the ServingPipeline', async () => {
    await using client = connect(redis)
    const { from, to } = aPair()
    await using both = await startCoexisting({
      'a.yaml': sourcedText({ sources: read(from), sinks: write(to), lifecycle: { desiredPhase: 'Paused' } }),
      'b.yaml': servingText([{ transform: 'data' }])
    })
    const { gateway } = both
    expect((await post(gateway.url)).status).toBe(200)
    const paused = { spec: { lifecycle: { desiredPhase: 'Paused' } } }
    const refused = await api(gateway, 'PATCH', placeOf('pipelines'), { spec: { lifecycle: null } })
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { code: 'CONFLICT', detail: expect.stringContaining('ServingPipeline') }
    ])
    expect((await api(gateway, 'PATCH', placeOf('servingpipelines'), paused)).status).toBe(200)
    await statusWhen(gateway, 'test', ({ phase }) => phase === 'Paused')
    expect((await shown(gateway, 'pipelines')).status.phase).toBe('Paused')
    await client.xadd(from, '*', 'data', '1')
    expect((await post(gateway.url)).status).toBe(503)
    expect(await client.xlen(to)).toBe(0)
    await api(gateway, 'PATCH', placeOf('servingpipelines'), { spec: { lifecycle: { desiredPhase: 'Running' } } })
    await waitFor(async () => (await client.xlen(to)) === 1, { what: 'the entry after the pause' })
  })

  it('replays a dead letter of a source to the sinks, and that of a caller to none', async () => {
    await using client = connect(redis)
    await using step = await startStep(400, 400, ({ body }) => ({ body }))
    await using replies = await startStep(({ body }) => ({ body }))
    const { from, to } = aPair()
    await using both = await startCoexisting({
      'a.yaml': sourcedText({ sources: read(from), sinks: write(to) }),
      'b.yaml': servingText([{ name: 'score', uri: step.url }], { reply: { uri: replies.url } })
    })
    const { gateway } = both
    await submit(gateway, { data: { from: 'caller' } })
    await client.xadd(from, '*', 'data', '{"from":"stream"}')
    const letters = await waitFor(
      async () => {
        const { items } = (await api(gateway, 'GET', '/deadletters')).body
        return items.length === 2 && (items as { id: string }[])
      },
      { what: 'two dead letters' }
    )
    for (const { id } of letters) expect((await api(gateway, 'POST', `/deadletters/${id}/replay`)).status).toBe(202)
    const [entry] = await waitFor(async () => (await client.xlen(to)) > 0 && client.xrange(to, '-', '+'), {
      what: 'the replay at the sink'
    })
    await waitFor(() => replies.requests.length > 0, { what: 'the replay at the reply destination' })
    await waitFor(async () => (await api(gateway, 'GET', '/requests?status=replied')).body.items.length === 2, {
      what: 'the end of both'
    })
    expect(entry?.[1]).toContain('{"from":"stream"}')
    expect(await client.xlen(to)).toBe(1)
    expect(replies.requests.map(({ body }) => String(body))).toEqual(['{"from":"caller"}'])
  })
})
