import { request } from 'undici'
import { expect, it } from 'vitest'
import { bytes, bytesThenReset, drip, endlessBody, endlessHead, headerFlood } from './hostile-answers.ts'
import { startRawStep } from './raw-step.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

it('records each request to the byte and answers in turn', async () => {
  await using step = await startRawStep(bytes(ok.replace('200', '503')), bytes(ok))
  const post = () => request(`${step.url}/a`, { method: 'POST', body: 'hello' })
  const statuses = [(await post()).statusCode, (await post()).statusCode, (await post()).statusCode]
  expect(statuses).toEqual([503, 200, 200])
  const [first] = await step.waitForRequests(3)
  expect(first?.toString()).toMatch(/^POST \/a HTTP\/1\.1\r\n[^]*\r\n\r\nhello$/)
})

it('counts the connections, so that a test sees which are reused', async () => {
  await using step = await startRawStep(bytesThenReset(''), bytes(ok))
  await expect(request(step.url)).rejects.toThrow()
  await (await request(step.url)).body.text()
  expect(step.connections).toBe(2)
})

it('drips an answer that is whole in the end', async () => {
  await using step = await startRawStep(drip(ok, 1))
  expect(await (await request(step.url)).body.text()).toBe('ok')
})

it('floods the caller with headers', async () => {
  await using step = await startRawStep(headerFlood(100), endlessHead())
  expect(Object.keys((await request(step.url)).headers)).toHaveLength(101)
  await expect(request(step.url)).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_OVERFLOW' })
})

it('never ends a body as long as the caller reads', async () => {
  await using step = await startRawStep(endlessBody())
  const body: AsyncIterable<Buffer> = (await request(step.url)).body
  let length = 0
  for await (const chunk of body) if ((length += chunk.length) > 4_000_000) break
  expect(length).toBeGreaterThan(4_000_000)
})
