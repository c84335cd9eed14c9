import { expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { sluice } from './sluice.ts'

it('lists circuit breakers with their state', async () => {
  await using well = await startStep({ headers: { 'content-type': 'application/json' }, body: '{}' })
  await using ill = await startStep(503)
  const circuitBreaker = { volumeThreshold: 1 }
  const steps = [{ uri: well.url }, { uri: ill.url, circuitBreaker, delivery: { retry: 0 } }]
  await using gateway = await startTestGateway({ steps })
  expect((await gateway.post()).status).toBe(502)
  const { code, stdout } = await sluice(['breakers', '--admin', gateway.adminUrl])
  expect(code).toBe(0)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^STATE +DESTINATION$/)
  expect(rows.map(row => row.replace(/ +/, ' ')).sort()).toEqual([`closed ${well.url}/`, `open ${ill.url}/`])
})
