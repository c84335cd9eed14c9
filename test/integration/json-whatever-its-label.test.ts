import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const ran = { headers: { 'content-type': 'text/plain' }, body: 'ran' }

/** A step's answer with this label comes to this in the condition of the next step, and in a transform. */
async function runOn(label: string | undefined, body: string, options: Record<string, unknown> = {}) {
  const headers: Record<string, string> = label === undefined ? {} : { 'content-type': label }
  await using first = await startStep({ headers, body })
  await using second = await startStep(ran)
  const scored = { name: 'scored', uri: first.url, ...options }
  await using conditional = await startTestGateway({ steps: [scored, { uri: second.url, when: 'data.score > 0.5' }] })
  await using transformed = await startTestGateway({
    steps: [scored, { transform: '{"label": data.score > 0.5 ? "toxic" : "fine", "id": $steps.scored.data.id}' }]
  })
  return [await (await conditional.post()).text(), await (await transformed.post()).text()]
}

describe('the answer of a step', () => {
  it.each([
    'application/json',
    'application/json ',
    'APPLICATION/JSON; charset',
    'application/json, application/json',
    'application/problem+json',
    'text/html; charset=utf-8',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded',
    'json',
    undefined
  ])('is JSON for expressions when it is labelled %j', async label => {
    expect(await runOn(label, '{"score":0.9,"id":7}')).toEqual(['ran', '{"label":"toxic","id":7}'])
  })

  it('is JSON whatever its label where the step is declared to give JSON', async () => {
    expect(await runOn('application/x-json', '{"score":0.9,"id":7}', { reply: 'json' })).toEqual([
      'ran',
      '{"label":"toxic","id":7}'
    ])
  })

  it.each([
    ['text/plain; charset=utf-8', 'no JSON'],
    ['image/png', '{"score":0.9}'],
    ['application/octet-stream', 'octets'],
    [undefined, 'octets']
  ])('labelled %j and read below data where it is not JSON is an error that names the label', async (label, body) => {
    for (const answer of await runOn(label, body)) {
      expect(JSON.parse(answer)).toMatchObject({ code: 'EXPRESSION_FAILED', status: 502 })
      expect(answer).toContain(label === undefined ? 'it has no content type' : label)
    }
  })
})

describe('an expression', () => {
  it.each([
    ['$contains(data, "toxic")', 'true'],
    ['$type(data) = "object" and data.score > 0.5', 'false'],
    ['datacontenttype = "text/plain" ? "text" : data.label', '"text"'],
    ['$length(data)', '10']
  ])('may look at data that is a text as such: %s', async (transform, value) => {
    await using gateway = await startTestGateway({ steps: [{ transform }] })
    const response = await gateway.post('toxic text', { headers: { 'content-type': 'text/plain' } })
    expect(await response.text()).toBe(value)
  })

  it.each([
    'data.score',
    '$.data.score',
    '$$.data[0].score',
    'data[score > 1]',
    'data.*',
    '$request.data.score',
    '$map([1], function(){data.x})'
  ])('fails when it reads below a text: %s', async transform => {
    await using gateway = await startTestGateway({ steps: [{ transform }] })
    const response = await gateway.post('toxic text', { headers: { 'content-type': 'text/plain' } })
    const problem = await response.json()
    expect(problem).toMatchObject({
      code: 'EXPRESSION_FAILED',
      detail: expect.stringContaining('text/plain') as string
    })
    expect(JSON.stringify(problem)).not.toContain('toxic text')
  })

  it('sees large data as it does small data', async () => {
    const items = Array.from({ length: 20_000 }, (_, n) => ({ n }))
    await using gateway = await startTestGateway({ steps: [{ transform: '$count(data.items)' }] })
    for (const type of ['application/json', 'text/plain']) {
      const response = await gateway.post(JSON.stringify({ items }), { headers: { 'content-type': type } })
      expect(await response.text()).toBe('20000')
    }
    const text = await gateway.post('x'.repeat(100_000), { headers: { 'content-type': 'text/plain' } })
    expect(await text.json()).toMatchObject({
      code: 'EXPRESSION_FAILED',
      detail: expect.stringContaining('text/plain') as string
    })
  })
})
