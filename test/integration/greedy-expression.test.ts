import { expect, it } from 'vitest'
import { definitionText } from '../helpers/definition-text.ts'
import { startTestGateway } from '../helpers/gateway.ts'

/** It takes all the time that an expression may take, whenever it is asked. */
const greedy = '($f := function($n){$f($n + 1)}; $f(0))'

/** Each costs a twentieth of a second of a processor. */
const enough = 6

/**
 * A regression: twenty callers of such an expression got eighteen answers a second, and those of another pipeline three
 * in five seconds. The two are compared with each other, so that a busy machine makes no difference.
 */
it.each([
  ['whose expression is plain', '{"n": data.n + 1}'],
  ['whose expression runs apart', '{"n": $sum($map([1..data.n], function($i){$i}))}']
])('an expression that is stopped again and again does not slow down another pipeline, %s', async (_, transform) => {
  await using gateway = await startTestGateway({
    steps: [{ transform: greedy }],
    spec: { deadline: '10m' },
    others: [definitionText('second', [{ transform }])]
  })
  const answers: unknown[] = []
  const greedyCallers = Array.from({ length: 4 }, async () => {
    while (answers.length < enough) answers.push(await (await gateway.post('{}')).json())
  })
  let served = 0
  while (answers.length < enough) {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${gateway.url}/default/second`, { method: 'POST', headers, body: '{"n":1}' })
    expect(answer.status).toBe(200)
    await answer.arrayBuffer()
    served++
  }
  await Promise.all(greedyCallers)
  expect(new Set(answers.map(answer => (answer as { code: string }).code))).toEqual(new Set(['EXPRESSION_LIMIT']))
  expect(served).toBeGreaterThan(enough)
})
