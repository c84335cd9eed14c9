import { expect, it } from 'vitest'
import { secretValues } from '../../src/config/secret-values.ts'

it.each([
  [{ MODEL_API_KEY: 'sk-123456' }, ['sk-123456']],
  [{ adminToken: 's3cret-one', HOME: '/home/ann' }, ['s3cret-one']],
  [{ store: 'redis://ledger:pass%2Fword@redis.example:6379/1' }, ['pass%2Fword', 'pass/word']],
  [{ PROXY: 'http://only-a-token@proxy.example' }, ['only-a-token']],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=abcdefg,y=1' }, ['x-key=abcdefg,y=1', 'abcdefg']],
  // A path is no secret, and what is short would be found in words.
  [{ SLUICE_TLS_KEY: '/etc/tls/tls.key', SHORT_TOKEN: 'abc', URL: 'http://a.example/@b' }, []]
])('finds the secrets in %j', (values, secrets) => {
  expect(secretValues(values)).toEqual(secrets)
})
