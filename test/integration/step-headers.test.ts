import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const processEnv = { ...process.env, MODEL_TOKEN: 'env-canary', PART: 'part' }

describe('the headers of a step', () => {
  it('go with each call of its own destination, and of nobody else', async () => {
    await using model = await startStep({ body: '{}' })
    await using next = await startStep({ body: '{}' })
    await using gateway = await startTestGateway({
      steps: [
        {
          uri: model.url,
          headers: {
            Authorization: { env: 'MODEL_TOKEN', prefix: 'Bearer ' },
            'x-text': 'a ${PART} of $${it}',
            'user-agent': 'mine/1'
          }
        },
        next.url
      ],
      config: { processEnv }
    })
    expect((await gateway.post()).status).toBe(200)
    const [first] = model.requests
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer env-canary',
      'x-text': 'a part of ${it}',
      'user-agent': 'mine/1'
    })
    expect(next.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(next.requests[0]?.headers['user-agent']).toMatch(/^sluice\//)
  })

  it('go before those that the pipeline passes on, and are sent once', async () => {
    await using model = await startStep({ body: '{}' })
    await using gateway = await startTestGateway({
      steps: [{ uri: model.url, headers: { authorization: { env: 'MODEL_TOKEN' } } }, { uri: model.url }],
      spec: { headers: { propagate: ['authorization', 'x-tenant'] } },
      config: { processEnv }
    })
    const sent = { authorization: 'Bearer of-the-caller', 'x-tenant': 'shop' }
    expect((await gateway.post('{}', { headers: sent })).status).toBe(200)
    const values = (i: number, name: string) =>
      (model.requests[i]?.rawHeaders ?? []).filter((_, j, all) => j % 2 === 1 && all[j - 1]?.toLowerCase() === name)
    expect(values(0, 'authorization')).toEqual(['env-canary'])
    expect(values(0, 'x-tenant')).toEqual(['shop'])
    expect(values(1, 'authorization')).toEqual(['Bearer of-the-caller'])
  })

  it('are those of the fallback, the reply destination and the dead letter sink where these are called', async () => {
    await using failing = await startStep(500)
    await using fallback = await startStep({ body: '{}' })
    await using sink = await startStep(200)
    const key = (name: string) => ({ headers: { 'x-key': name } })
    await using gateway = await startTestGateway({
      steps: [
        {
          uri: failing.url,
          ...key('step'),
          delivery: { retry: 0 },
          onFailure: { fallback: { uri: fallback.url, ...key('fallback') } }
        }
      ],
      spec: {
        reply: { uri: failing.url, ...key('reply') },
        delivery: { retry: 0, deadLetterSink: { uri: sink.url, ...key('sink') } }
      }
    })
    expect((await gateway.post()).status).toBe(202)
    const [buried] = await sink.waitForRequests(1)
    expect(failing.requests.map(({ headers }) => headers['x-key'])).toEqual(['step', 'reply'])
    expect(fallback.requests.map(({ headers }) => headers['x-key'])).toEqual(['fallback'])
    expect(buried?.headers['x-key']).toBe('sink')
  })
})

describe('a header whose value is in a file', () => {
  it('is read again when the file changes, and keeps its value while the file is away', async () => {
    await using folder = await createTempFolder()
    await using model = await startStep({ body: '{}' })
    const file = await folder.write('key', 'one\n')
    await using gateway = await startTestGateway({ steps: [{ uri: model.url, headers: { 'x-key': { file } } }] })
    await gateway.post()
    await writeFile(file, 'two\n')
    await gateway.post()
    await rm(file)
    expect((await gateway.post()).status).toBe(200)
    expect(model.requests.map(({ headers }) => headers['x-key'])).toEqual(['one', 'two', 'two'])
    const ready = await (await fetch(`${gateway.adminUrl}/readyz?verbose`)).text()
    expect(ready).toContain(`[!] default/test: the file ${file} is not there: what it said last is used`)
  })

  it('refuses a value that would be more than one header', async () => {
    await using folder = await createTempFolder()
    await using model = await startStep({ body: '{}' })
    const file = await folder.write('key', 'one\r\nx-injected: 1\n')
    await using gateway = await startTestGateway({ steps: [{ uri: model.url, headers: { 'x-key': { file } } }] })
    const answer = await gateway.post()
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { code: 'PIPELINE_NOT_READY', detail: expect.stringMatching(/x-key.*must not contain a line break/) }
    ])
    expect(model.requests).toEqual([])
  })
})

describe('a header that has no value', () => {
  it('keeps its pipeline from being ready, and says which name of which step', async () => {
    await using model = await startStep({ body: '{}' })
    await using gateway = await startTestGateway({
      steps: [{ name: 'score', uri: model.url, headers: { authorization: { env: 'NOT_THERE' } } }],
      config: { processEnv }
    })
    const reason =
      'step "score": the header authorization has no value: the environment variable NOT_THERE is not set, or empty'
    for (const headers of [{}, { prefer: 'respond-async' }]) {
      const answer = await gateway.post('{}', { headers })
      expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'PIPELINE_NOT_READY', detail: reason }])
      expect(answer.headers.get('retry-after')).not.toBeNull()
    }
    expect((await fetch(`${gateway.url}/v2/models/test/ready`)).status).toBe(503)
    expect(await (await fetch(`${gateway.adminUrl}/readyz?verbose`)).text()).toContain(
      `[!] default/test: not ready: ${reason}`
    )
    expect(model.requests).toEqual([])
  })

  it('holds what was accepted before a restart, until the value is there', async () => {
    await using folder = await createTempFolder()
    const file = await folder.write('key', 'k')
    await using model = await startStep(() => new Promise(() => {}), { body: '"done"' })
    const options = {
      steps: [{ uri: model.url, headers: { 'x-key': { file } } }],
      config: { store: `sqlite:${folder.path}/kept.db`, shutdownGraceMs: 1 }
    }
    let path: string
    {
      await using gateway = await startTestGateway(options)
      const accepted = await gateway.post('{}', { headers: { prefer: 'respond-async' } })
      path = accepted.headers.get('location') ?? ''
      await model.waitForRequests(1)
    }
    await rm(file)
    await using gateway = await startTestGateway(options)
    interface Status {
      readonly status: string
      readonly waiting?: { readonly reason: string }
    }
    const status = async (): Promise<Status> => JSON.parse(await (await fetch(`${gateway.url}${path}`)).text())
    const held = await waitFor(async () => (await status()).waiting?.reason === 'step' && status(), {
      what: 'the hold'
    })
    expect(held).toMatchObject({
      waiting: { lastError: { detail: expect.stringContaining(`the file ${file} is not there`) } }
    })
    await writeFile(file, 'late')
    await waitFor(async () => (await status()).status === 'replied', { what: 'the reply' })
    expect(model.requests.map(({ headers }) => headers['x-key'])).toEqual(['k', 'late'])
  })
})

describe('the process of a step', () => {
  it('gets the headers with its calls, and no variable that a header is made of', async () => {
    const program = `require('node:http').createServer((q, s) => s.end(JSON.stringify({
      sent: q.headers['x-key'], inherited: process.env.MODEL_TOKEN, given: process.env.GIVEN, part: process.env.PART
    }))).listen(process.env.PORT)`
    await using gateway = await startTestGateway({
      steps: [
        {
          run: { command: ['node', '-e', program], env: { GIVEN: '${PART}' } },
          headers: { 'x-key': { env: 'MODEL_TOKEN' } }
        }
      ],
      config: { processEnv }
    })
    const answer = await waitFor(
      async () => {
        const tried = await gateway.post()
        return tried.status === 200 && tried
      },
      { what: 'the process' }
    )
    expect(await answer.json()).toEqual({ sent: 'env-canary', given: 'part', part: 'part' })
  })
})
