import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { parseRetryAfter } from '../../src/delivery/retry-after.ts'

const now = Date.parse('2026-11-21T10:00:00Z')

it.each([
  ['0', 0],
  ['5', 5000],
  ['Sat, 21 Nov 2026 10:00:10 GMT', 10_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  ['Saturday, 21-Nov-26 10:00:10 GMT', 10_000],
  ['Monday, 21-Nov-94 10:00:10 GMT', 0],
  ['Sat Nov 21 10:00:10 2026', 10_000],
  ['Tue Dec  1 10:00:00 2026', 864_000_000],
  ['Sat, 21 Nov 2026 10:00:10', undefined],
  ['Sat, 21 Nov 2026 10:00:10 +0200', undefined],
  ['2026-11-21T10:00:10Z', undefined],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['99999999999999999999', 10 ** 12]
])('reads Retry-After %j as %j ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected)
})

it('reads dates in UTC wherever the gateway runs', () => {
  const script = `
    import { parseRetryAfter } from './src/delivery/retry-after.ts'
    console.log(parseRetryAfter('Sat Nov 21 10:00:10 2026', ${now}))`
  const env = { ...process.env, TZ: 'America/New_York' }
  const said = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
    env,
    encoding: 'utf8'
  })
  expect(said).toBe('10000\n')
})
