import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const event = { 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/shop', 'ce-type': 'sold' }

/** Answers the calls of two plain steps for each of these requests. */
async function callsOf(...requests: readonly Record<string, string>[]) {
  await using first = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'one' })
  await using second = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'two' })
  const steps = [
    { name: 'first', uri: first.url },
    { name: 'second', uri: second.url }
  ]
  await using gateway = await startTestGateway({ steps })
  const replies: Headers[] = []
  for (const headers of requests) replies.push((await gateway.post('{}', { headers })).headers)
  return { first: first.requests, second: second.requests, replies }
}

describe('a reply that is made of a plain answer', () => {
  it('has an id of the request and the step, and names what it was made from', async () => {
    const { second, replies } = await callsOf({})
    const id = replies[0]?.get('sluice-request-id') ?? ''
    expect(second[0]?.headers).toMatchObject({
      'ce-id': `${id}.first`,
      'ce-source': '/default/test/first',
      'ce-causationid': id
    })
    expect(replies[0]?.get('ce-id')).toBe(`${id}.second`)
    expect(replies[0]?.get('ce-causationid')).toBe(`${id}.first`)
  })

  it('has the same id when its event is delivered again, and another one for another event', async () => {
    const { second, replies } = await callsOf(
      event,
      event,
      { ...event, 'ce-id': 'e-2' },
      { ...event, 'ce-source': '/b' }
    )
    const ids = second.map(({ headers }) => headers['ce-id'])
    expect(ids[0]).toMatch(/^[0-9a-f]{32}\.first$/)
    expect(ids[1]).toBe(ids[0])
    expect(new Set(ids).size).toBe(3)
    expect(replies.map(headers => headers.get('ce-id'))).toEqual(
      ids.map(id => id?.toString().replace('first', 'second'))
    )
    expect(second[0]?.headers['ce-causationid']).toBe('e-1')
  })

  it('is caused by what its step got, not by what that was caused by', async () => {
    const { second } = await callsOf({ ...event, 'ce-causationid': 'older' })
    expect(second[0]?.headers['ce-causationid']).toBe('e-1')
  })
})

describe('a call', () => {
  it('says who calls, and for which step', async () => {
    const { first, second } = await callsOf({})
    expect(first[0]?.headers['user-agent']).toMatch(/^sluice\/\d+\.\d+\.\d+/)
    expect([first, second].map(([request]) => request?.headers['sluice-step'])).toEqual(['first', 'second'])
  })

  it('carries attributes that are too long for headers in its body', async () => {
    const { first } = await callsOf({ ...event, 'ce-subject': 's'.repeat(9000) })
    expect(first[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/)
    expect(JSON.parse(String(first[0]?.body))).toMatchObject({ id: 'e-1', subject: 's'.repeat(9000), data: {} })
  })
})
