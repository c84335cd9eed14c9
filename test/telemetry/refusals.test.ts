import { expect, it } from 'vitest'
import { createRefusals } from '../../src/telemetry/refusals.ts'
import { silentLog } from '../helpers/silent-log.ts'

it('counts each caller whom it turned away, and writes one line of a kind in ten seconds', () => {
  const counted: string[] = []
  const lines: object[] = []
  let now = 0
  const refused = createRefusals({
    plane: 'data',
    shed: reason => void counted.push(reason),
    log: { ...silentLog, warn: fields => void lines.push(fields) },
    now: () => now
  })
  for (let i = 0; i < 1000; i++) refused('UNAUTHENTICATED', '10.0.0.1')
  refused('FORBIDDEN', '10.0.0.2')
  now = 10_000
  refused('UNAUTHENTICATED', '10.0.0.3')
  expect(counted).toHaveLength(1002)
  expect(lines).toEqual([
    { plane: 'data', code: 'UNAUTHENTICATED', from: '10.0.0.1' },
    { plane: 'data', code: 'FORBIDDEN', from: '10.0.0.2' },
    { plane: 'data', code: 'UNAUTHENTICATED', from: '10.0.0.3', before: 999 }
  ])
})
