import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended } from '../helpers/submit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connect, sourcedText, startSourced } from './sourced-gateway.ts'
import { aPair, readFrom, writeTo } from './redis-entries.ts'
import { startEchoStep } from '../helpers/echo-step.ts'

let redis: RedisServer
beforeAll(async () => void (redis = await startRedis()))
afterAll(async () => redis[Symbol.asyncDispose]())

const read = (stream: string) => readFrom(redis, stream)
const write = (stream: string) => writeTo(redis, stream)

const fieldsOf = ([, flat]: readonly [string, readonly string[]]): Record<string, string | undefined> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]]] : [])))

interface Letters {
  readonly items: readonly Record<string, unknown>[]
}

const lettersOf = async (adminUrl: string): Promise<Letters['items']> =>
  ((await (await fetch(`${adminUrl}/deadletters`)).json()) as Letters).items

describe('a pipeline without a serving ingress', () => {
  it('takes entries of a stream through its steps to its sinks, and acknowledges them', async () => {
    await using client = connect(redis)
    const { from, to } = aPair()
    await client.xadd(from, '*', 'data', '{"n":0}')
    await using step = await startEchoStep()
    await using sourced = await startSourced([step.url], { sources: read(from), sinks: write(to) })
    await client.xadd(
      from,
      '*',
      'data',
      'text',
      'content-type',
      'text/html',
      'ce_type',
      'com.example',
      'ce_tenant',
      'a'
    )
    const entries = await waitFor(async () => (await client.xlen(to)) === 2 && client.xrange(to, '-', '+'), {
      what: 'two entries at the sink'
    })
    const [first, second] = entries.map(fieldsOf)
    expect(first).toMatchObject({ data: '{"n":0}', 'content-type': 'application/json', ce_type: 'dev.sluice.reply' })
    expect(second).toMatchObject({ data: 'text', 'content-type': 'text/html', ce_tenant: 'a' })
    expect(step.requests[0]?.headers).toMatchObject({
      'ce-source': '/default/test/entries',
      'ce-id': expect.stringMatching(/^\d+-0$/),
      'sluice-step': 'step-1'
    })
    expect(step.requests[1]?.headers).toMatchObject({ 'ce-type': 'com.example', 'ce-tenant': 'a' })
    await waitFor(async () => (await client.xpending(from, 'sluice.default.test'))[0] === 0, {
      what: 'acknowledgements'
    })
    expect(await client.xlen(from)).toBe(2)
    expect((await fetch(`${sourced.gateway.adminUrl}/readyz`)).status).toBe(200)
  })

  it('answers no POST, and shows its requests as any', async () => {
    await using client = connect(redis)
    const { from } = aPair()
    await using sourced = await startSourced([{ transform: 'data' }], { sources: read(from) })
    const { gateway } = sourced
    const posted = await fetch(`${gateway.url}/default/test`, { method: 'POST', body: '{}' })
    expect([posted.status, await posted.json()]).toMatchObject([404, { code: 'PIPELINE_NOT_FOUND' }])
    expect(await (await fetch(gateway.url, { headers: { accept: 'application/json' } })).json()).toMatchObject({
      items: []
    })
    await client.xadd(from, '*', 'data', '1')
    const id = await waitFor(
      async () => {
        const { items } = (await (await fetch(`${gateway.adminUrl}/requests`)).json()) as { items: { id: string }[] }
        return items[0]?.id
      },
      { what: 'the request of the entry' }
    )
    expect((await ended(gateway, id)).status).toBe('replied')
  })

  it('has entries that are no events as dead letters, and goes on', async () => {
    await using client = connect(redis)
    const { from, to } = aPair()
    await client.xadd(from, '*', 'other', 'x')
    await client.xadd(from, '*', 'data', 'x'.repeat(200))
    await client.xadd(from, '*', 'data', '1', 'ce_Bad-Name', 'x')
    await client.xadd(from, '*', 'data', '"fine"')
    const spec = { sources: read(from), sinks: write(to), limits: { maxBodyBytes: 100 } }
    await using sourced = await startSourced([{ transform: 'data' }], spec)
    await waitFor(async () => (await client.xlen(to)) === 1, { what: 'the one that is an event' })
    const letters = await lettersOf(sourced.gateway.adminUrl)
    expect(letters.map(({ code }) => code)).toEqual(['INVALID_EVENT', 'INVALID_EVENT', 'INVALID_EVENT'])
    expect(letters.map(({ detail }) => String(detail))).toEqual([
      'the entry has no field "data"',
      expect.stringContaining('limits.maxBodyBytes'),
      expect.stringContaining('wrong name')
    ])
    await waitFor(async () => (await client.xpending(from, 'sluice.default.test'))[0] === 0, {
      what: 'acknowledgements'
    })
  })

  it('gives a filtered request to no sink', async () => {
    await using client = connect(redis)
    await using step = await startStep(204, ({ body }) => ({ body }))
    const { from, to } = aPair()
    await using running = new AsyncDisposableStack()
    running.use(await startSourced([step.url], { sources: read(from), sinks: write(to) }))
    await client.xadd(from, '*', 'data', '1')
    await step.waitForRequests(1)
    await client.xadd(from, '*', 'data', '2')
    await waitFor(async () => (await client.xlen(to)) === 1, { what: 'the second entry' })
    expect((await client.xrange(to, '-', '+')).map(fieldsOf)).toMatchObject([{ data: '2' }])
  })

  it('gives the event to all sinks, and a replay to those alone that have not taken it', async () => {
    await using client = connect(redis)
    await using taking = await startStep(202)
    await using failing = await startStep(418, 202)
    const { from, to } = aPair()
    const sinks = [{ name: 'failing', uri: failing.url }, { name: 'taking', uri: taking.url }, ...write(to)]
    await using sourced = await startSourced([{ transform: '{"a": 1}' }], { sources: read(from), sinks })
    const { gateway } = sourced
    await client.xadd(from, '*', 'data', '1')
    const [letter] = await waitFor(
      async () => {
        const letters = await lettersOf(gateway.adminUrl)
        return letters.length > 0 && letters
      },
      { what: 'the dead letter' }
    )
    expect(letter).toMatchObject({ code: 'STEP_FAILED', step: 'failing', path: 'sinks/failing' })
    expect(taking.requests).toHaveLength(1)
    expect(await client.xlen(to)).toBe(1)
    expect(taking.requests[0]?.headers['sluice-step']).toBe('sinks/taking')
    const replay = `${gateway.adminUrl}/deadletters/${String(letter?.['id'])}/replay`
    const { id } = (await (await fetch(replay, { method: 'POST' })).json()) as { id: string }
    const { status, steps } = await ended(gateway, id)
    expect(status).toBe('replied')
    expect(steps.map(({ path }) => path)).toContain('sinks/failing')
    expect([failing.requests.length, taking.requests.length, await client.xlen(to)]).toEqual([2, 1, 1])
  })

  it('counts calls of sinks not among those of the request', async () => {
    await using client = connect(redis)
    await using sink = await startStep(202)
    const { from } = aPair()
    const sinks = ['a', 'b', 'c'].map(name => ({ name, uri: sink.url }))
    const spec = { sources: read(from), sinks, limits: { maxCalls: 1 } }
    await using running = new AsyncDisposableStack()
    running.use(await startSourced([{ transform: 'data' }], spec))
    await client.xadd(from, '*', 'data', '1')
    await sink.waitForRequests(3)
  })

  it('writes a line for the sink log, with the data where it is wanted', async () => {
    await using client = connect(redis)
    await using folder = await createTempFolder()
    const { from } = aPair()
    const sinks = [
      { name: 'plain', log: {} },
      { name: 'whole', log: { data: true } }
    ]
    const text = sourcedText({ steps: [{ transform: 'data' }], sources: read(from), sinks })
    const args = ['--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:', '--log-format', 'json']
    await using gateway = await startCli(['run', await folder.write('a.json', text), ...args])
    await client.xadd(from, '*', 'data', '{"secret":1}')
    const lines = await waitFor(
      () => {
        const told = gateway.output.stderr.split('\n').filter(line => line.includes('"msg":"an event"'))
        return told.length === 2 && told.map(line => JSON.parse(line) as Record<string, unknown>)
      },
      { what: 'a line of each sink' }
    )
    const bySink = Object.fromEntries(lines.map(line => [line['sink'], line]))
    expect(bySink['/default/test/sinks/plain']).toMatchObject({ octets: 12, event: { type: 'dev.sluice.request' } })
    expect(bySink['/default/test/sinks/plain']).not.toHaveProperty('data')
    expect(bySink['/default/test/sinks/whole']).toMatchObject({ data: '{"secret":1}' })
  })

  it('reads no further than its queue has room, and loses nothing', async () => {
    await using client = connect(redis)
    const { from, to } = aPair()
    for (let i = 0; i < 60; i++) await client.xadd(from, '*', 'data', String(i))
    const spec = { sources: read(from), sinks: write(to), limits: { maxQueued: 5, maxInFlight: 2 } }
    await using running = new AsyncDisposableStack()
    running.use(await startSourced([{ transform: 'data' }], spec))
    await waitFor(async () => (await client.xlen(to)) >= 60, { what: 'all entries' })
    const seen = (await client.xrange(to, '-', '+')).map(entry => Number(fieldsOf(entry)['data']))
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i))
  })

  it('stops reading while it is paused', async () => {
    await using client = connect(redis)
    const { from, to } = aPair()
    const steps = [{ transform: 'data' }]
    const spec = { sources: read(from), sinks: write(to) }
    await using sourced = await startSourced(steps, spec, { watch: true })
    await client.xadd(from, '*', 'data', '1')
    await waitFor(async () => (await client.xlen(to)) === 1, { what: 'the first entry' })
    await writeFile(sourced.file, sourcedText({ steps, ...spec, lifecycle: { desiredPhase: 'Paused' } }))
    const consumers = async () => ((await client.xinfo('CONSUMERS', from, 'sluice.default.test')) as unknown[]).length
    await waitFor(async () => (await consumers()) === 0, { what: 'the end of the consumer' })
    await client.xadd(from, '*', 'data', '2')
    await writeFile(sourced.file, sourcedText({ steps, ...spec }))
    await waitFor(async () => (await client.xlen(to)) === 2, { what: 'the second entry' })
  })

  it('comes through an outage of the Redis that it reads', async () => {
    await using other = await startRedis({ args: ['--appendonly', 'yes'] })
    const { from } = aPair()
    await using step = await startStep(202)
    const sources = [{ name: 'entries', redisStream: { url: other.url, stream: from } }]
    await using running = new AsyncDisposableStack()
    running.use(await startSourced([step.url], { sources }))
    await waitFor(
      async () => {
        await using client = connect(other)
        await client.xadd(from, '*', 'data', '1')
        return true
      },
      { what: 'an entry' }
    )
    await step.waitForRequests(1)
    await other.restart()
    await using client = connect(other)
    await client.xadd(from, '*', 'data', '2')
    await step.waitForRequests(2)
  })
})
