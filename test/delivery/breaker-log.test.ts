import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { breakerLog } from '../../src/delivery/breaker-log.ts'
import { createBreaker } from '../../src/delivery/breaker.ts'
import type { Deliver, Delivered } from '../../src/delivery/deliver.ts'
import { SluiceError } from '../../src/errors.ts'
import { aCall } from '../helpers/a-call.ts'
import { anEvent } from '../helpers/events.ts'
import { breakerSettings } from '../helpers/plans.ts'

const answering =
  (delivered: Delivered): Deliver =>
  (_event, call) => {
    call.attempts.count++
    return Promise.resolve(delivered)
  }

it('an opening and a closing are logged, each with its cause', async () => {
  const lines: unknown[] = []
  const note = (level: string) => (fields: object, message: string) => lines.push([level, message, fields])
  const log = { warn: note('warn'), info: note('info'), debug: note('debug') }
  const settings = breakerSettings({ volumeThreshold: 3, resetTimeoutMs: 20 })
  using breaker = createBreaker(settings, new EventEmitter(), breakerLog('http://model/a', log))
  const error = new SluiceError('STEP_FAILED', 'step "a" answered 503', { facts: { upstreamStatus: 503 } })
  const fails = answering({ kind: 'failed', error })
  const call = (deliver: Deliver) => breaker.deliver(deliver, anEvent(), aCall())
  for (let i = 0; i < 5; i++) await call(fails)
  expect(lines).toMatchObject([
    ['warn', 'a circuit breaker opened', { destination: 'http://model/a', failures: 3, calls: 3, err: error }]
  ])
  await expect.poll(() => breaker.state).toBe('halfOpen')
  await call(fails)
  await expect.poll(() => breaker.state).toBe('halfOpen')
  await call(answering({ kind: 'empty' }))
  expect(lines.slice(1)).toMatchObject([
    ['debug', expect.stringContaining('its probe failed'), { err: { code: 'STEP_FAILED' } }],
    ['info', expect.stringContaining('its probe went well'), { destination: 'http://model/a' }]
  ])
})

it('what this machine lacks neither opens a breaker nor closes one', async () => {
  const settings = breakerSettings({ volumeThreshold: 2, resetTimeoutMs: 20 })
  using breaker = createBreaker(settings, new EventEmitter())
  const lacking = answering({ kind: 'failed', error: new SluiceError('OVERLOADED', 'no descriptor left') })
  const fails = answering({ kind: 'failed', error: new SluiceError('STEP_UNREACHABLE', 'refused') })
  const call = (deliver: Deliver) => breaker.deliver(deliver, anEvent(), aCall())
  for (let i = 0; i < 5; i++) await call(lacking)
  expect(breaker.state).toBe('closed')
  for (let i = 0; i < 2; i++) await call(fails)
  await expect.poll(() => breaker.state).toBe('halfOpen')
  await call(lacking)
  expect(breaker.state).toBe('open')
})
