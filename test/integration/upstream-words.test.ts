import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway, type StepText } from '../helpers/gateway.ts'
import { startStep, type ScriptedAnswer } from '../helpers/step-server.ts'

const refusal = { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"context too long"}' }

async function problemOf(answer: ScriptedAnswer, spec: Record<string, unknown> = {}, options: object = {}) {
  await using step = await startStep(answer)
  const steps: StepText[] = [{ name: 'model', uri: step.url, delivery: { retry: 2, ...atOnce }, ...options }]
  await using gateway = await startTestGateway({ steps, spec })
  const response = await gateway.post()
  return { problem: await response.json(), calls: step.requests.length }
}

describe('what a failing step says', () => {
  it('goes to the caller', async () => {
    const { problem } = await problemOf(refusal)
    expect(problem).toMatchObject({
      code: 'STEP_REJECTED',
      step: 'model',
      upstreamBody: '{"error":"context too long"}'
    })
  })

  it.each([
    [
      'is text whatever its label',
      { status: 500, headers: { 'content-type': 'image/png' }, body: 'out of memory' },
      'out of memory'
    ],
    ['is cut after 1 KiB', { status: 500, body: 'x'.repeat(2000) }, 'x'.repeat(1024)],
    ['is not cut within a character', { status: 500, body: `${'x'.repeat(1023)}ä` }, 'x'.repeat(1023)],
    ['is not told where it is not text', { status: 500, body: Buffer.from([0x1f, 0x8b, 0xff]) }, undefined],
    ['is not told where it has control characters', { status: 500, body: 'a\u001b[31mb' }, undefined],
    ['may be nothing', { status: 500 }, undefined]
  ])('%s', async (_what, answer, expected) => {
    const { problem } = await problemOf(answer)
    expect(problem).toMatchObject({ upstreamStatus: 500 })
    expect((problem as { upstreamBody?: string }).upstreamBody).toBe(expected)
  })

  it('stays with the gateway where the pipeline tells only the status', async () => {
    const { problem } = await problemOf(refusal, { errors: { upstream: 'status' } })
    expect(problem).toMatchObject({ upstreamStatus: 400 })
    expect(problem).not.toHaveProperty('upstreamBody')
  })

  it.each([
    ['/login', '/login'],
    ['https://user:secret@elsewhere.test/a?token=secret#x', 'https://elsewhere.test/a'],
    ['//elsewhere.test/b', '//elsewhere.test/b']
  ])('a redirect names where it led: %s', async (location, shown) => {
    const { problem } = await problemOf({ status: 307, headers: { location } })
    const { detail } = problem as { detail: string }
    expect(detail).toContain(` ${shown};`)
    expect(detail).not.toContain('secret')
  })
})

describe('what a stored request failed with', () => {
  const stored = { headers: { prefer: 'respond-async, wait=10' } }

  it.each([
    ['body', '{"error":"context too long"}'],
    ['status', undefined]
  ])('is in its dead letter, and told to callers by errors.upstream: %s', async (upstream, told) => {
    await using step = await startStep(refusal)
    await using gateway = await startTestGateway({ steps: [step.url], spec: { errors: { upstream } } })
    const response = await gateway.post('{}', stored)
    const id = response.headers.get('sluice-request-id')
    const read = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>
    expect((await response.json()) as object).toHaveProperty('code', 'STEP_REJECTED')
    const reply = await read(`${gateway.url}/default/test/requests/${id}/reply`)
    expect(reply['upstreamBody']).toBe(told)
    const { error } = (await read(`${gateway.url}/default/test/requests/${id}`)) as { error: Record<string, unknown> }
    expect(error['upstreamBody']).toBe(told)
    expect(await read(`${gateway.adminUrl}/deadletters/${id}`)).toMatchObject({ upstreamBody: refusal.body })
  })

  it('is in its dead letter as base64 where it is not text', async () => {
    await using step = await startStep({ status: 400, body: Buffer.from([0, 255]) })
    await using gateway = await startTestGateway({ steps: [step.url] })
    const id = (await gateway.post('{}', stored)).headers.get('sluice-request-id')
    const letter = await (await fetch(`${gateway.adminUrl}/deadletters/${id}`)).json()
    expect(letter).toMatchObject({ upstreamBody_base64: 'AP8=' })
  })
})

describe('a step that says x-should-retry: false', () => {
  it('is not tried again', async () => {
    const { calls } = await problemOf({ status: 503, headers: { 'x-should-retry': 'false' } })
    expect(calls).toBe(1)
  })

  it('is tried again when it says anything else', async () => {
    const { calls } = await problemOf({ status: 503, headers: { 'x-should-retry': 'true' } })
    expect(calls).toBe(3)
  })
})
