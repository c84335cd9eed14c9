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

it('has no credentials of the gateway for a collector, and has them when the step asks', () => {
  const secrets = {
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=secret',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: '/secret.pem',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://user:secret@collector:4318',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://collector:4318/?key=secret'
  }
  const shared = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SERVICE_NAME: 'comments' }
  const env = stepEnvironment({ ...secrets, ...shared }, {}, 1)
  expect(env).toMatchObject(shared)
  expect(JSON.stringify(env)).not.toContain('secret')
  const own = { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=own' }
  expect(stepEnvironment(secrets, own, 1)).toMatchObject(own)
})
