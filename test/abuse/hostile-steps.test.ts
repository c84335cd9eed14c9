import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bytes,
  bytesThenEnd,
  bytesThenReset,
  drip,
  endlessBody,
  endlessHead,
  headerFlood,
  silence
} from '../helpers/hostile-answers.ts'
import { startRawStep, type RawAnswer, type RawStep } from '../helpers/raw-step.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { aPipeline, memoryLeftBy, startAbusedGateway, type AbusedGateway } from './abused-gateway.ts'

interface HostileStep {
  readonly name: string
  readonly answer: RawAnswer
  readonly status: number
  readonly code: RegExp
}

const ok = 'HTTP/1.1 200 OK\r\n'
const json = 'content-type: application/json\r\n'
const structured = 'content-type: application/cloudevents+json\r\n'
const deep = '['.repeat(200_000)
const whole = (headers: string, body: string): string => `${ok}${headers}content-length: ${body.length}\r\n\r\n${body}`

const answered =
  (status: number, code: RegExp) =>
  (name: string, answer: RawAnswer): HostileStep => ({ name, answer, status, code })
const badReply = answered(502, /^STEP_BAD_REPLY$/)
const unreachable = answered(502, /^STEP_UNREACHABLE$/)
/** Whether it is HTTP at all, or the connection is broken, is a matter of taste. */
const tooSlow = answered(504, /^STEP_TIMEOUT$/)

const hostileSteps: readonly HostileStep[] = [
  badReply('a body without an end', endlessBody()),
  badReply('a head without an end', endlessHead()),
  badReply('a length of a terabyte', bytes(`${ok}content-length: 1099511627776\r\n\r\n`)),
  badReply(
    'a chunk of 2^63 bytes',
    bytes(`${ok}transfer-encoding: chunked\r\n\r\n8000000000000000\r\n${'x'.repeat(2e6)}`)
  ),
  badReply('5,000 headers', headerFlood(5000)),
  badReply('a header of 100 KB', bytes(whole(`x-a: ${'a'.repeat(100_000)}\r\n`, '{}'))),
  badReply('text that is not HTTP', bytes('hello\r\n\r\n')),
  badReply('a header with a NUL', bytes(whole('x-a: \0\r\n', '{}'))),
  badReply('a content-length that is none', bytes(`${ok}content-length: x\r\n\r\n{}`)),
  badReply('two content-lengths', bytes(`${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`)),
  badReply('content-length beside transfer-encoding', bytes(whole('transfer-encoding: chunked\r\n', '0\r\n\r\n'))),
  badReply('a chunk size that is none', bytes(`${ok}transfer-encoding: chunked\r\n\r\nzz\r\n`)),
  badReply('a gzip bomb', bytes(gzipped(Buffer.alloc(16 * 1024 * 1024)))),
  badReply('a ce- header twice', bytes(whole('ce-specversion: 1.0\r\nce-id: 1\r\nce-id: 2\r\n', '{}'))),
  badReply('an event without an id', bytes(whole('ce-specversion: 1.0\r\n', '{}'))),
  badReply('a structured event that is none', bytes(whole(structured, '{'))),
  badReply('a structured event of 200,000 arrays', bytes(whole(structured, deep))),
  badReply('a batch', bytes(whole('content-type: application/cloudevents-batch+json\r\n', '[]'))),
  unreachable('a reset before any answer', bytesThenReset('')),
  unreachable('a reset in the head', bytesThenReset('HTTP/1.1 200')),
  unreachable('a reset in the body', bytesThenReset(`${ok}content-length: 100\r\n\r\n{`)),
  unreachable('a reset in a chunk', bytesThenReset(`${ok}transfer-encoding: chunked\r\n\r\n64\r\n{`)),
  unreachable('an end before any answer', bytesThenEnd('')),
  unreachable('a body that is shorter than it says', bytesThenEnd(`${ok}content-length: 100\r\n\r\n{}`)),
  unreachable('chunks without a last one', bytesThenEnd(`${ok}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`)),
  tooSlow('silence', silence),
  tooSlow('a body that stops', bytes(`${ok}content-length: 100\r\n\r\n{`)),
  tooSlow('an octet now and then', drip(whole(json, '{}'), 200)),
  tooSlow('an endless stream of interim answers', interim)
]

function gzipped(body: Uint8Array): Buffer {
  const content = gzipSync(body)
  const head = `${ok}${json}content-encoding: gzip\r\ncontent-length: ${content.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), content])
}

function interim(socket: Parameters<RawAnswer>[0]): void {
  const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20)
  socket.on('close', () => clearInterval(timer))
}

describe('a hostile step', () => {
  let steps: RawStep[]
  let echo: StepServer
  let gateway: AbusedGateway

  beforeAll(async () => {
    steps = await Promise.all(hostileSteps.map(({ answer }) => startRawStep(answer)))
    echo = await startStep(({ body }) => ({ headers: { 'content-type': 'text/plain' }, body }))
    gateway = await startAbusedGateway(
      aPipeline('echo', `{uri: ${echo.url}}`),
      ...hostileSteps.map(({ status }, i) => {
        const delivery = `delivery: {retry: 0, timeout: ${status === 504 ? 'PT1S' : 'PT10S'}}`
        return aPipeline(`hostile-${i}`, `{uri: ${steps[i]?.url}, circuitBreaker: {enabled: false}}`, delivery)
      })
    )
  })
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    await echo[Symbol.asyncDispose]()
    for (const step of steps) await step[Symbol.asyncDispose]()
  })

  const post = (pipeline: string, body: string) => fetch(`${gateway.url}/default/${pipeline}`, { method: 'POST', body })
  const cases = hostileSteps.map((step, i) => ({ ...step, pipeline: `hostile-${i}` }))

  it.each(cases)('that gives $name is $status', async ({ pipeline, status, code }) => {
    const answer = await post(pipeline, 'x')
    expect([answer.status, await answer.json()]).toEqual([
      status,
      expect.objectContaining({ status, code: expect.stringMatching(code), step: 'step-1', attempts: 1 })
    ])
    const next = await post('echo', 'honest')
    expect([next.status, await next.text()]).toEqual([200, 'honest'])
  })

  it('gets no answer of another request mixed up', async () => {
    const honest = Array.from({ length: 200 }, (_, i) => `request ${i}`)
    const hostile = honest.map((body, i) => post(`hostile-${i % cases.length}`, body))
    const replies = await Promise.all(honest.map(async body => (await post('echo', body)).text()))
    const statuses = (await Promise.all(hostile)).map(({ status }) => status)
    expect(replies).toEqual(honest)
    for (const status of statuses) expect([502, 504]).toContain(status)
  })

  it('that answers without an end takes no memory', async () => {
    const round = () => Promise.all(Array.from({ length: 20 }, () => post('hostile-0', 'x')))
    const left = await memoryLeftBy(gateway, async () => {
      for (let i = 0; i < 4; i++) await round()
    })
    expect(left).toBeLessThan(8)
  })
})

describe('a hostile step behind a kept-alive connection', () => {
  it('cannot answer a request that has not been sent yet', async () => {
    const answer = (body: string) => `${ok}content-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    await using step = await startRawStep(bytes(answer('first') + answer('poison')), bytes(answer('second')))
    await using gateway = await startAbusedGateway(aPipeline('poisoned', `{uri: ${step.url}}`))
    const post = async () => (await fetch(`${gateway.url}/default/poisoned`, { method: 'POST', body: 'x' })).text()
    expect([await post(), await post()]).not.toContain('poison')
  })
})
