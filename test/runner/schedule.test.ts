import { describe, expect, it } from 'vitest'
import { heldAt } from '../../src/runner/scaling/schedule.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'

const day = { cron: '0 8 * * *', timezone: 'Europe/Berlin', min: 2, max: 4 }
const night = { cron: '0 20 * * *', timezone: 'Europe/Berlin', min: 0, max: 1 }
const at = (time: string): number => Date.parse(time)

describe('an entry of a schedule', () => {
  it.each([
    ['2026-11-30T07:00:00+01:00', night, '2026-11-30T08:00:00+01:00'],
    ['2026-11-30T08:00:00+01:00', day, '2026-11-30T20:00:00+01:00'],
    ['2026-11-30T19:59:59.999+01:00', day, '2026-11-30T20:00:00+01:00'],
    ['2026-11-30T20:00:00+01:00', night, '2026-12-01T08:00:00+01:00'],
    // Summer time ends in the night before.
    ['2026-10-25T07:59:00+01:00', night, '2026-10-25T08:00:00+01:00']
  ])('holds from its time to the next time of any: %s', (now, entry, until) => {
    expect(heldAt([day, night], at(now))).toEqual({ entry, until: at(until) })
  })

  it('holds for seconds too, and of two with one time the last', () => {
    const [a, b] = [1, 2].map(min => ({ cron: '*/10 * * * * *', timezone: 'UTC', min, max: 4 }))
    expect(heldAt([a!, b!], at('2026-11-30T00:00:05Z'))).toEqual({ entry: b, until: at('2026-11-30T00:00:10Z') })
  })
})

it('a gateway that starts in between runs as many processes as the entry says that holds', async () => {
  // The hour before this one has begun, and the one after it has not.
  const hour = new Date().getUTCHours()
  const entry = (from: number, min: number) => ({ cron: `0 ${(from + 24) % 24} * * *`, min, max: 3 })
  const script = `console.log('pid ' + process.pid); require('node:net').createServer().listen(process.env.PORT)`
  await using gateway = await startTestGateway({
    steps: [{ name: 'model', run: { command: ['node', '-e', script] } }],
    spec: { scale: { schedule: [entry(hour + 2, 0), entry(hour - 1, 2)] } }
  })
  const path = '/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines/test/status'
  const instances = await waitFor(
    async () => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const status = (await (await fetch(gateway.adminUrl + path)).json()) as {
        readonly steps: readonly [{ readonly instances: { readonly desired: number; readonly ready: number } }]
      }
      return status.steps[0].instances.ready === 2 && status.steps[0].instances
    },
    { what: 'two processes' }
  )
  expect(instances).toEqual({ desired: 2, ready: 2 })
})
