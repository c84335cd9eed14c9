import { request } from 'undici'
import { expect, it } from 'vitest'
import { createGate } from './gate.ts'
import { startStep } from './step-server.ts'
import { waitFor } from './wait-for.ts'

it('gives the answers in turn and repeats the last', async () => {
  await using step = await startStep(503, { headers: { 'x-model': 'a' }, body: 'one' }, ({ method }) => ({
    status: 201,
    body: method
  }))
  const answers = []
  for (let i = 0; i < 4; i++) answers.push(await request(step.url))
  expect(answers.map(answer => answer.statusCode)).toEqual([503, 200, 201, 201])
  expect(answers[1]?.headers['x-model']).toBe('a')
  expect(await Promise.all(answers.map(answer => answer.body.text()))).toEqual(['', 'one', 'GET', 'GET'])
})

it('records what the caller sent', async () => {
  await using step = await startStep(200)
  await request(`${step.url}/predict?a=1`, { method: 'POST', headers: { 'ce-Id': '1' }, body: '{"a":1}' })
  const [recorded] = await step.waitForRequests(1)
  expect(recorded).toMatchObject({
    method: 'POST',
    url: '/predict?a=1',
    headers: { 'ce-id': '1' },
    body: Buffer.from('{"a":1}')
  })
  expect(recorded?.rawHeaders).toContain('ce-Id')
  expect(recorded?.signal.aborted).toBe(false)
})

it('answers when the test opens the gate', async () => {
  const gate = createGate()
  await using step = await startStep(async () => {
    await gate.opened
    return 204
  })
  const answer = request(step.url)
  await step.waitForRequests(1)
  gate.open()
  expect((await answer).statusCode).toBe(204)
})

it('tells that the caller went away', async () => {
  await using step = await startStep(() => createGate().opened.then(() => 200))
  const caller = new AbortController()
  const answer = request(step.url, { signal: caller.signal })
  const [recorded] = await step.waitForRequests(1)
  caller.abort()
  await expect(answer).rejects.toThrow('aborted')
  await waitFor(() => recorded?.signal.aborted, { what: 'the end of the connection' })
})

it('shows in its answer that its script failed', async () => {
  await using step = await startStep(() => {
    throw new Error('no such case')
  })
  const answer = await request(step.url)
  expect(answer.statusCode).toBe(500)
  expect(await answer.body.text()).toContain('no such case')
})

it('is disposed with requests in flight, and twice', async () => {
  const step = await startStep(() => createGate().opened.then(() => 200))
  const answer = request(step.url)
  await step.waitForRequests(1)
  await Promise.all([step[Symbol.asyncDispose](), expect(answer).rejects.toThrow()])
  await step[Symbol.asyncDispose]()
  await expect(request(step.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
