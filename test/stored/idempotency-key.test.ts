import { describe, expect, it } from 'vitest'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { createGate } from '../helpers/gate.ts'
import { rawRequest } from '../helpers/raw-client.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway, type AcceptedBody } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const json = { 'content-type': 'application/json' }

/** Answers with the number of the call. */
const startCountingStep = () => {
  let count = 0
  return startStep(() => ({ headers: json, body: String(++count) }))
}

describe.each(storeKinds)('an Idempotency-Key on %s', kind => {
  const newStore = storesOf(kind)
  const key = { 'idempotency-key': 'order-1' }

  it('leads fifty callers at once to one request', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { headers: json, body: '1' }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.accept('{}', key)))
    gate.open()
    await gateway.until(answers[0]?.id ?? '', 'replied')
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
    expect(step.requests).toHaveLength(1)
  })

  it('gives fifty callers who wait the same reply', async () => {
    await using step = await startCountingStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const headers = { ...key, prefer: 'respond-async, wait=10' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post('{}', { headers })))
    const replies = await Promise.all(answers.map(async answer => [answer.status, await answer.text()]))
    expect(replies).toEqual(Array.from({ length: 50 }, () => [200, '1']))
    expect(step.requests).toHaveLength(1)
  })

  it('is refused to a caller who would wait while it is in flight, and has the reply afterwards', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { headers: json, body: '1' }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const first = gateway.post('{}', { headers: key })
    await step.waitForRequests(1)
    const refused = await gateway.post('{}', { headers: key })
    const accepted = await gateway.accept('{}', key)
    expect([refused.status, await refused.json()]).toMatchObject([
      409,
      { code: 'IDEMPOTENCY_IN_FLIGHT', status: 409, pipeline: 'default/test', requestId: accepted.id }
    ])
    gate.open()
    const reply = await first
    expect([reply.status, reply.headers.get('sluice-request-id'), await reply.text()]).toEqual([200, accepted.id, '1'])
    const again = await gateway.post('{}', { headers: key })
    expect([again.status, again.headers.get('content-type'), await again.text()]).toEqual([
      200,
      'application/json',
      '1'
    ])
    expect(again.headers.get('sluice-request-id')).toBe(accepted.id)
    expect(step.requests).toHaveLength(1)
  })

  it('has the failure afterwards, too', async () => {
    await using step = await startStep(400, 200)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    for (let i = 0; i < 2; i++) {
      const answer = await gateway.post('{}', { headers: key })
      expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'STEP_REJECTED', upstreamStatus: 400 }])
    }
    expect(step.requests).toHaveLength(1)
  })

  it.each([
    ['data', '{ }', {}],
    ['content type', '{}', { 'content-type': 'text/plain' }]
  ])('is refused with other %s, in flight and afterwards', async (_name, body, headers) => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { headers: json, body: '1' }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id } = await gateway.accept('{}', key)
    const expectRefusal = async (prefer: string) => {
      const answer = await gateway.post(body, { headers: { ...key, ...headers, prefer } })
      const problem = await answer.text()
      expect([answer.status, JSON.parse(problem)]).toMatchObject([422, { code: 'IDEMPOTENCY_MISMATCH', status: 422 }])
      // Whoever guessed the key of somebody else could read the reply under that id.
      expect(problem + JSON.stringify([...answer.headers])).not.toContain(id)
    }
    await expectRefusal('')
    await expectRefusal('respond-async')
    gate.open()
    await gateway.until(id, 'replied')
    await expectRefusal('')
    await expectRefusal('respond-async, wait=10')
    expect(step.requests).toHaveLength(1)
  })

  it('is another one on another pipeline', async () => {
    await using step = await startCountingStep()
    await using folder = await createTempFolder()
    const definition = (name: string) =>
      folder.write(
        `${name}.json`,
        JSON.stringify({
          apiVersion: 'sluice.dev/v1alpha1',
          kind: 'ServingPipeline',
          metadata: { name },
          spec: { steps: [{ uri: step.url }] }
        })
      )
    const files = [await definition('test'), await definition('other')]
    await using gateway = await startStoredGateway(newStore(), { steps: [], config: { files } })
    const first = await gateway.post('{}', { headers: key })
    const other = await gateway.call('/default/other', { method: 'POST', body: '[]', headers: { ...json, ...key } })
    expect([await first.text(), other.status, await other.text()]).toEqual(['1', 200, '2'])
  })

  it('is known to the gateway that starts afterwards', async () => {
    const store = newStore()
    await using step = await startCountingStep()
    const first = await startStoredGateway(store, { steps: [step.url] })
    const { id } = await first.accept('{}', key)
    await first.until(id, 'replied')
    await first[Symbol.asyncDispose]()
    await using second = await startStoredGateway(store, { steps: [step.url] })
    expect((await second.accept('{}', key)).id).toBe(id)
    expect(await (await second.post('{}', { headers: key })).text()).toBe('1')
    expect((await second.post('[]', { headers: key })).status).toBe(422)
    expect(step.requests).toHaveLength(1)
  })

  it('is the same with and without quotes, and parameters', async () => {
    await using step = await startCountingStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const ids: string[] = []
    for (const text of ['a "b', '"a \\"b"', '"a \\"b"; of=this;client'])
      ids.push((await gateway.accept('{}', { 'idempotency-key': text })).id)
    expect(new Set(ids).size).toBe(1)
  })

  it('means nothing to a pipeline that does not deduplicate', async () => {
    await using step = await startCountingStep()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { requests: { deduplicate: false } }
    })
    const replies: string[] = []
    for (const body of ['{}', '{}', '[]']) replies.push(await (await gateway.post(body, { headers: key })).text())
    expect(replies).toEqual(['1', '2', '3'])
  })
})

describe('an Idempotency-Key that is malformed', () => {
  const newStore = storesOf('SQLite')

  it.each([
    ['empty', 'Idempotency-Key:'],
    ['empty in quotes', 'Idempotency-Key: ""'],
    ['open', 'Idempotency-Key: "a'],
    ['open by its escape', 'Idempotency-Key: "a\\"'],
    ['followed by something', 'Idempotency-Key: "a" b'],
    ['escaping what needs none', 'Idempotency-Key: "\\a"'],
    ['too long', `Idempotency-Key: ${'a'.repeat(256)}`],
    ['too long in quotes', `Idempotency-Key: "${'a'.repeat(256)}"`],
    ['there twice', 'Idempotency-Key: a\r\nIdempotency-Key: a']
  ])('is 400 when it is %s', async (_name, lines) => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'] })
    const head = `POST /default/test HTTP/1.1\r\nHost: x\r\n${lines}\r\nPrefer: respond-async\r\nConnection: close`
    const { status, text } = await rawRequest(gateway.url, `${head}\r\nContent-Length: 0\r\n\r\n`)
    expect([status, JSON.parse(text)]).toMatchObject([400, { code: 'INVALID_REQUEST' }])
    const { items } = (await (await fetch(`${gateway.adminUrl}/requests`)).json()) as { items: AcceptedBody[] }
    expect(items).toEqual([])
  })

  it('may have 255 characters of any kind', async () => {
    await using step = await startCountingStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const ids = new Set<string>()
    for (const key of ['a'.repeat(255), `"${'a'.repeat(254)}"`, "' OR 1=1--", '{tag}:*', '../..', '__proto__']) {
      ids.add((await gateway.accept('{}', { 'idempotency-key': key })).id)
    }
    expect(ids.size).toBe(6)
  })
})
