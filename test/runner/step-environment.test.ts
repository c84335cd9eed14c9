import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { stepEnvironment } from '../../src/runner/step-environment.ts'

const nodeFolder = dirname(process.execPath)

it('is that of the gateway without its settings, and that of the step above it', () => {
  const inherited = { PATH: '/bin', LANG: 'C', MODEL: 'small', PORT: '8080', SLUICE_AUTH_TOKEN: 'a', SLUICE_X: 'b' }
  expect(stepEnvironment(inherited, { MODEL: 'large', SLUICE_MODE: 'wanted' }, 4000)).toEqual({
    LANG: 'C',
    MODEL: 'large',
    SLUICE_MODE: 'wanted',
    PATH: `${nodeFolder}:/bin`,
    PORT: '4000',
    HOST: '127.0.0.1'
  })
})

it('finds the Node of the gateway first, also along the PATH of the step', () => {
  expect(stepEnvironment({ PATH: '/bin' }, { PATH: '/opt/bin' }, 1).PATH).toBe(`${nodeFolder}:/opt/bin`)
  expect(stepEnvironment({}, {}, 1).PATH).toBe(`${nodeFolder}:/usr/local/bin:/usr/bin:/bin`)
})
