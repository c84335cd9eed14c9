import { describe, expect, it } from 'vitest'
import { definitionText } from '../helpers/definition-text.ts'
import { startTestGateway, type StepText } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { ended, submit, submitBatch } from '../helpers/submit.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

const text = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', pattern: '^[a-z ]+$' }, tags: { items: { type: 'string' } } },
  additionalProperties: false
}

const label = { type: 'object', required: ['label'], properties: { label: { enum: ['spam', 'ham'] } } }

const problemOf = async (response: Response) => ({
  status: response.status,
  again: response.headers.get('x-should-retry'),
  ...((await response.json()) as Record<string, unknown>)
})

describe('the contract of a pipeline', () => {
  it('refuses data of the caller with every fault and its pointer', async () => {
    await using step = await startStep(json({ label: 'spam' }))
    await using gateway = await startTestGateway({ steps: [step.url], spec: { contract: { input: text } } })
    const problem = await problemOf(await gateway.post('{"text":"A1","tags":["a",2],"a/b":1}'))
    expect(problem).toMatchObject({ status: 422, code: 'CONTRACT_INPUT', pipeline: 'default/test', again: 'false' })
    expect(problem).not.toHaveProperty('step')
    expect(problem).toMatchObject({
      faults: [
        { pointer: '/a~1b', message: expect.any(String) },
        { pointer: '/text', message: expect.stringContaining('pattern') },
        { pointer: '/tags/1', message: 'must be string' }
      ]
    })
    expect(step.requests).toHaveLength(0)
    expect((await gateway.post('{"text":"fine"}')).status).toBe(200)
  })

  it('finds fault with a reply, and names no step', async () => {
    await using step = await startStep(json({ label: 'eggs' }))
    await using gateway = await startTestGateway({ steps: [step.url], spec: { contract: { output: label } } })
    const problem = await problemOf(await gateway.post())
    expect(problem).toMatchObject({
      status: 502,
      code: 'CONTRACT_OUTPUT',
      again: 'false',
      attempts: 1,
      faults: [{ pointer: '/label', message: 'must be one of ["spam","ham"]' }]
    })
    expect(problem).not.toHaveProperty('step')
  })

  it.each([
    ['no JSON though it says so', '{"text":', 'application/json'],
    ['text where an object is wanted', 'hello', 'text/plain'],
    ['nothing at all', '', 'application/json']
  ])('takes %s for what it is', async (_what, body, type) => {
    await using step = await startStep(200)
    await using gateway = await startTestGateway({ steps: [step.url], spec: { contract: { input: text } } })
    const problem = await problemOf(await gateway.post(body, { headers: { 'content-type': type } }))
    expect(problem).toMatchObject({ status: 422, code: 'CONTRACT_INPUT', faults: [{ pointer: '' }] })
    expect(problem).toHaveProperty('detail', expect.stringMatching(/ input contract: it (must|is declared) /))
  })

  it('is looked at before a stored request is accepted, in a batch too', async () => {
    await using step = await startStep(json({ label: 'spam' }))
    await using gateway = await startTestGateway({ steps: [step.url], spec: { contract: { input: text } } })
    await expect(submit(gateway, { data: { text: 5 } })).rejects.toThrow('CONTRACT_INPUT')
    const events = [{ data: { text: 'a' } }, { data: { text: 5 } }]
    await expect(submitBatch(gateway, events)).rejects.toThrow('CONTRACT_INPUT')
    expect((await ended(gateway, await submit(gateway, { data: { text: 'a' } }))).status).toBe('replied')
    expect(step.requests).toHaveLength(1)
  })

  it('keeps a reply from the destination that it would go to', async () => {
    await using step = await startStep(json({ label: 'eggs' }))
    await using receiver = await startStep(202)
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [step.url],
      spec: {
        contract: { output: label },
        reply: { uri: receiver.url },
        delivery: { deadLetterSink: { uri: sink.url } }
      }
    })
    const { status, error } = await ended(gateway, await submit(gateway))
    expect([status, error?.code]).toEqual(['failed', 'CONTRACT_OUTPUT'])
    expect(receiver.requests).toHaveLength(0)
    expect(sink.requests[0]?.body.toString()).toBe('{}')
  })

  it('collects a reply that would stream', async () => {
    await using step = await startStep({
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"a":1}\n{"a":2}\n'
    })
    await using gateway = await startTestGateway({
      steps: [step.url],
      spec: { contract: { output: { type: 'object' } } }
    })
    expect(await problemOf(await gateway.post())).toMatchObject({ status: 502, code: 'CONTRACT_OUTPUT' })
  })
})

describe('the contract of a step', () => {
  const shaped = (uri: string, more: Record<string, unknown> = {}): StepText => ({
    name: 'shaped',
    uri,
    contract: { input: text, output: label },
    ...more
  })

  it.each([
    ['the very event of the caller', [], 'CONTRACT_INPUT', 422],
    ['the event of the caller, passed on', [{ transform: '1', when: 'false' }], 'CONTRACT_INPUT', 422],
    ['what an earlier step made', [{ transform: '{"text": 5}' }], 'CONTRACT_OUTPUT', 502]
  ])('is that of %s', async (_what, before, code, status) => {
    await using step = await startStep(json({ label: 'spam' }))
    await using gateway = await startTestGateway({ steps: [...before, shaped(step.url)] })
    const problem = await problemOf(await gateway.post('{"text":5}'))
    expect(problem).toMatchObject({ code, status, step: 'shaped', path: 'shaped', attempts: 0 })
    expect(problem).toMatchObject({ faults: [{ pointer: '/text', message: 'must be string' }] })
    expect(step.requests).toHaveLength(0)
  })

  it('holds for what its input expression makes, and for its reply', async () => {
    await using step = await startStep(json({ label: 'spam' }), json({ label: 'eggs' }))
    const input = '{"text": data.said}'
    await using gateway = await startTestGateway({ steps: [shaped(step.url, { input })] })
    expect(await (await gateway.post('{"said":"hi"}')).json()).toEqual({ label: 'spam' })
    expect(await problemOf(await gateway.post('{"said":"hi"}'))).toMatchObject({ code: 'CONTRACT_OUTPUT', attempts: 1 })
    expect(await problemOf(await gateway.post('{"said":1}'))).toMatchObject({ code: 'CONTRACT_OUTPUT', attempts: 0 })
  })

  it('is a failure like any other for onFailure, and holds for the answer of a fallback', async () => {
    await using step = await startStep(json({ label: 'eggs' }))
    await using worse = await startStep(json({ nothing: true }))
    await using better = await startStep(json({ label: 'ham' }))
    const fallback = [{ uri: worse.url }, { uri: better.url }]
    await using gateway = await startTestGateway({ steps: [shaped(step.url, { onFailure: { fallback } })] })
    expect(await (await gateway.post('{"text":"a"}')).json()).toEqual({ label: 'ham' })
    expect(await (await gateway.post('{"text":5}')).json()).toEqual({ label: 'ham' })
    expect([step, worse, better].map(({ requests }) => requests.length)).toEqual([1, 2, 2])
  })

  it('continue: lets the event pass as it came, before its input', async () => {
    await using step = await startStep(json({ label: 'spam' }))
    const more = { input: '{"text": 5}', onFailure: 'continue' }
    await using gateway = await startTestGateway({ steps: [shaped(step.url, more)] })
    expect(await (await gateway.post('{"a":1}')).json()).toEqual({ a: 1 })
  })

  it('an answer that is empty has no data to hold against it', async () => {
    await using step = await startStep(204)
    await using gateway = await startTestGateway({ steps: [shaped(step.url, { onEmpty: 'pass', input: 'request' })] })
    expect(await (await gateway.post('{"text":"a"}')).json()).toEqual({ text: 'a' })
  })

  it('makes a dead letter that has the faults, and is replayed from the step', async () => {
    await using step = await startStep(json({ label: 'eggs' }), json({ label: 'ham' }))
    await using gateway = await startTestGateway({ steps: [{ transform: '{"text": "a"}' }, shaped(step.url)] })
    const id = await submit(gateway)
    const { error } = await ended(gateway, id)
    const faults = [{ pointer: '/label', message: expect.any(String) }]
    expect(error).toMatchObject({ code: 'CONTRACT_OUTPUT', step: 'shaped', faults })
    const reply = await fetch(`${gateway.url}/default/test/requests/${id}/reply`)
    expect(await problemOf(reply)).toMatchObject({ status: 502, code: 'CONTRACT_OUTPUT', faults })
    const letter = await (await fetch(`${gateway.adminUrl}/deadletters/${id}`)).json()
    expect(letter).toMatchObject({ code: 'CONTRACT_OUTPUT', faults, input: { data: { text: 'a' } } })
    const again = await fetch(`${gateway.adminUrl}/deadletters/${id}/replay`, { method: 'POST' })
    const replayed = (await again.json()) as { readonly id: string }
    expect((await ended(gateway, replayed.id)).status).toBe('replied')
  })

  it('holds for structured steps, for a transform and for a nested pipeline', async () => {
    await using step = await startStep(json({ label: 'eggs' }))
    for (const shape of [
      { transform: '{"label": "eggs"}' },
      { switch: [{ when: 'true', steps: [{ uri: step.url }] }] },
      { parallel: { branches: [{ name: 'label', steps: [{ transform: '"eggs"' }] }] } }
    ]) {
      await using gateway = await startTestGateway({
        steps: [{ name: 'shaped', contract: { output: label }, ...shape }]
      })
      const problem = await problemOf(await gateway.post())
      expect(problem).toMatchObject({ code: 'CONTRACT_OUTPUT', step: 'shaped', path: 'shaped' })
    }
  })

  it('is that of a nested pipeline, beside its own', async () => {
    await using step = await startStep(json({ label: 'eggs' }))
    await using folder = await createTempFolder()
    const outer = { name: 'outer', pipeline: 'inner', contract: { input: text } }
    const files = [
      await folder.write('test.json', definitionText('test', [outer])),
      await folder.write('inner.json', definitionText('inner', [step.url], { contract: { output: label } }))
    ]
    await using gateway = await startTestGateway({ steps: [outer], config: { files } })
    expect(await problemOf(await gateway.post('{"text":5}'))).toMatchObject({ code: 'CONTRACT_INPUT', step: 'outer' })
    const problem = await problemOf(await gateway.post('{"text":"a"}'))
    expect(problem).toMatchObject({ code: 'CONTRACT_OUTPUT', step: 'outer', path: 'outer' })
  })
})
