import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { openRaw } from '../helpers/raw-client.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const kib = 1024
const limits = { maxBodyBytes: 64 * kib * kib }

async function metric({ adminUrl }: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const line = text.split('\n').find(one => one.startsWith(name))
  return Number(line?.split(' ').at(-1) ?? 0)
}

const refused = async (gateway: TestGateway): Promise<boolean> => {
  const response = await gateway.post('{}')
  const answer = (await response.json()) as { code?: string }
  return response.status === 503 && answer.code === 'OVERLOADED' && response.headers.get('retry-after') === '1'
}

describe('bodies in flight that fill the memory which they share', () => {
  it('are followed by none: 503 before a body is read', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], config: { bodyMemory: 100 * kib } })
    const first = gateway.post('x'.repeat(90 * kib))
    await step.waitForRequests(1)
    await using second = await openRaw(gateway.url)
    second.send(`POST /default/test HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${20 * kib}\r\n\r\n`)
    expect((await second.response()).status).toBe(503)
    expect(await metric(gateway, 'sluice_shed_total{reason="OVERLOADED"}')).toBe(1)
    gate.open()
    expect((await first).status).toBe(200)
    expect((await gateway.post('x'.repeat(90 * kib))).status).toBe(200)
  })

  it('are cut short when one does not say how long it is', async () => {
    await using step = await startStep(200)
    await using gateway = await startTestGateway({ steps: [step.url], config: { bodyMemory: 100 * kib } })
    await using connection = await openRaw(gateway.url)
    connection.send('POST /default/test HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let i = 0; i < 11; i++) connection.send(`2800\r\n${'x'.repeat(10 * kib)}\r\n`)
    expect((await connection.response()).status).toBe(503)
    await waitFor(async () => (await gateway.post('x'.repeat(90 * kib))).status !== 503, { what: 'room again' })
  })

  it('may be answers of steps, which never fail for it', async () => {
    const gate = createGate()
    await using big = await startStep({ body: 'x'.repeat(300 * kib) })
    await using last = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startTestGateway({ steps: [big.url, last.url], config: { bodyMemory: 100 * kib } })
    const first = gateway.post()
    await last.waitForRequests(1)
    expect(await refused(gateway)).toBe(true)
    gate.open()
    expect((await first).status).toBe(200)
    const second = await gateway.post()
    expect(second.status).toBe(200)
  })

  it('let nothing be claimed that is stored, until there is room', async () => {
    const [first, big] = [createGate(), createGate()]
    await using one = await startStep(async ({ body }) => {
      if (body.toString() === 'first') await first.opened
      return { body: body.toString() === 'big' ? 'x'.repeat(300 * kib) : 'small' }
    })
    await using two = await startStep(async ({ body }) => {
      if (body.length > kib) await big.opened
      return { body: 'done' }
    })
    const spec = { limits: { ...limits, maxInFlight: 1 } }
    const config = { bodyMemory: 100 * kib }
    await using gateway = await startStoredGateway('sqlite::memory:', { steps: [one.url, two.url], spec, config })
    const stored = [await gateway.accept('first'), await gateway.accept('second')]
    const filling = gateway.post('big')
    await two.waitForRequests(1)
    first.open()
    await gateway.until(stored[0]?.id ?? '', 'replied')
    const atThat = performance.now()
    while (performance.now() - atThat < 1500) {
      expect((await gateway.status(stored[1]?.id ?? '')).status).toBe('accepted')
    }
    big.open()
    expect((await filling).status).toBe(200)
    await gateway.until(stored[1]?.id ?? '', 'replied')
  })
})

it('a caller who reads nothing keeps its place until it is gone, and what is in flight says so', async () => {
  await using step = await startStep({ body: Buffer.alloc(30_000_000) })
  await using gateway = await startTestGateway({
    steps: [step.url],
    spec: { limits: { ...limits, maxConcurrent: 1 } }
  })
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write('POST /default/test HTTP/1.1\r\nhost: a.test\r\ncontent-length: 2\r\n\r\n{}')
  const told = () => metric(gateway, 'sluice_requests_total{pipeline="default/test",mode="sync",outcome="replied"}')
  await waitFor(async () => (await told()) === 1, { what: 'the outcome' })
  expect(await metric(gateway, 'sluice_inflight')).toBe(1)
  expect(await refused(gateway)).toBe(true)
  socket.destroy()
  await waitFor(async () => (await metric(gateway, 'sluice_inflight')) === 0, { what: 'the place' })
  const { status } = await gateway.post()
  expect(status).toBe(200)
})
