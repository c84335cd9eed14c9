import { describe, expect, it } from 'vitest'
import { readConfig, type ConfigSources, type GatewayConfig } from '../src/config.ts'

const files = ['pipeline.yaml']
const read = (sources: Partial<ConfigSources>) => readConfig({ flags: {}, env: {}, file: undefined, ...sources })
const yaml = (text: string, file = 'sluice.yaml') => ({ file, text })

function configOf(sources: Partial<ConfigSources>): GatewayConfig {
  const result = read(sources)
  if (result.kind === 'faulty') throw new Error(result.faults.join('\n'))
  return result.config
}

function faultsOf(sources: Partial<ConfigSources>): readonly string[] {
  const result = read(sources)
  return result.kind === 'faulty' ? result.faults : []
}

it('has a default for everything but the definitions', () => {
  expect(configOf({ flags: { files } })).toEqual({
    files,
    watch: false,
    host: '127.0.0.1',
    port: 8080,
    adminHost: '127.0.0.1',
    adminPort: 9090,
    adminToken: undefined,
    authToken: undefined,
    allowOrigin: [],
    egress: { kind: 'cluster' },
    resolve: new Map(),
    logLevel: 'info',
    logFormat: 'json',
    logColor: false,
    store: 'sqlite:./sluice.db',
    isStoreNamed: false,
    durability: 'default',
    workers: 1,
    maxProcesses: 64,
    bodyMemory: 268_435_456,
    shutdownGraceMs: 30_000,
    tracing: false,
    secrets: [],
    processEnv: {}
  })
})

it('reads every setting from the environment', () => {
  const env = {
    SLUICE_FILES: 'a.yaml, pipelines',
    SLUICE_WATCH: 'true',
    SLUICE_HOST: '::',
    SLUICE_PORT: '0',
    SLUICE_ADMIN_HOST: '0.0.0.0',
    SLUICE_ADMIN_PORT: '1',
    SLUICE_ADMIN_TOKEN: 's3cret',
    SLUICE_AUTH_TOKEN: 't0ken',
    SLUICE_AUTH_TOKENS: '/run/tokens',
    SLUICE_JWT_ISSUER: 'https://login.example',
    SLUICE_JWT_AUDIENCE: 'a, b',
    SLUICE_JWT_JWKS: 'https://login.example/jwks.json',
    SLUICE_TLS_CERT: 'tls.crt',
    SLUICE_TLS_KEY: 'tls.key',
    SLUICE_ADMIN_TLS_CERT: 'admin.crt',
    SLUICE_ADMIN_TLS_KEY: 'admin.key',
    SLUICE_ADMIN_TLS_CLIENT_CA: 'ca.crt',
    SLUICE_ALLOW_ORIGIN: 'https://App.example:443/, chrome-extension://abc',
    SLUICE_EGRESS: 'public',
    SLUICE_RESOLVE: 'a=http://localhost:1, shop/b=https://b.example/path',
    SLUICE_LOG_LEVEL: 'debug',
    SLUICE_LOG_FORMAT: 'pretty',
    SLUICE_STORE: 'redis://localhost:6379',
    SLUICE_DURABILITY: 'strict',
    SLUICE_WORKERS: '4',
    SLUICE_MAX_PROCESSES: '8',
    SLUICE_BODY_MEMORY: '1 GiB',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
    SLUICE_SHUTDOWN_GRACE: 'PT1.5S'
  }
  expect(configOf({ env })).toEqual({
    files: ['a.yaml', 'pipelines'],
    watch: true,
    host: '::',
    port: 0,
    adminHost: '0.0.0.0',
    adminPort: 1,
    adminToken: 's3cret',
    authToken: 't0ken',
    authTokens: '/run/tokens',
    jwt: { issuer: 'https://login.example', audiences: ['a', 'b'], jwks: 'https://login.example/jwks.json' },
    tls: { cert: 'tls.crt', key: 'tls.key', clientCa: undefined },
    adminTls: { cert: 'admin.crt', key: 'admin.key', clientCa: 'ca.crt' },
    allowOrigin: ['https://app.example', 'chrome-extension://abc'],
    egress: { kind: 'public' },
    resolve: new Map([
      ['a', 'http://localhost:1'],
      ['shop/b', 'https://b.example/path']
    ]),
    logLevel: 'debug',
    logFormat: 'pretty',
    logColor: false,
    store: 'redis://localhost:6379',
    isStoreNamed: true,
    durability: 'strict',
    workers: 4,
    maxProcesses: 8,
    bodyMemory: 1_073_741_824,
    shutdownGraceMs: 1500,
    tracing: true,
    secrets: ['s3cret'],
    processEnv: env
  })
})

it('reads every setting from the file', () => {
  const text = `
files: [a.yaml]
watch: true
host: 0.0.0.0
port: 1
adminHost: localhost
adminPort: 0
adminToken: s3cret
authToken: "1234"
allowOrigin: ["https://app.example", "*"]
egress: allow=Models.example.com,10.0.0.0/8,::1
resolve: {Service/shop/a: http://localhost:1}
logLevel: silent
store: sqlite:/var/lib/sluice.db
durability: strict
workers: 4
maxProcesses: 8
bodyMemory: 1000000
shutdownGrace: 2s
`
  expect(configOf({ file: yaml(text) })).toEqual({
    files: ['a.yaml'],
    watch: true,
    host: '0.0.0.0',
    port: 1,
    adminHost: 'localhost',
    adminPort: 0,
    adminToken: 's3cret',
    authToken: '1234',
    allowOrigin: ['https://app.example', '*'],
    egress: { kind: 'allow', entries: ['models.example.com', '10.0.0.0/8', '::1'] },
    resolve: new Map([['Service/shop/a', 'http://localhost:1']]),
    logLevel: 'silent',
    logFormat: 'json',
    logColor: false,
    store: 'sqlite:/var/lib/sluice.db',
    isStoreNamed: true,
    durability: 'strict',
    workers: 4,
    maxProcesses: 8,
    bodyMemory: 1_000_000,
    shutdownGraceMs: 2000,
    tracing: false,
    secrets: ['s3cret'],
    processEnv: {}
  })
})

it('knows a store that was named, by the name of the default one too', () => {
  expect(configOf({ flags: { files, store: 'sqlite:./sluice.db' } }).isStoreNamed).toBe(true)
})

it('takes flags before the environment, and the environment before the file', () => {
  const file = yaml('{files: [a.yaml], port: 1, adminPort: 1, logLevel: error}')
  const env = { SLUICE_PORT: '2', SLUICE_ADMIN_PORT: '2' }
  expect(configOf({ file, env, flags: { port: '3' } })).toMatchObject({ port: 3, adminPort: 2, logLevel: 'error' })
})

it.each(['app.example', 'https://app.example/path', 'https://me@app.example', 'https://', 'https://*.example'])(
  'refuses an origin that no browser sends: %s',
  origin => {
    expect(faultsOf({ flags: { files, allowOrigin: [origin] } })).toEqual([
      `--allow-origin: must be origins such as https://app.example.com, without a path, or *, found '${origin}'`
    ])
  }
)

it('merges what refs resolve to, name by name', () => {
  const file = yaml('resolve: {a: http://file, b: http://file, c: http://file}')
  const env = { SLUICE_RESOLVE: 'b=http://env,c=http://env' }
  const { resolve } = configOf({ file, env, flags: { files, resolve: ['c=http://flag/?list=1,2'] } })
  expect(Object.fromEntries(resolve)).toEqual({ a: 'http://file', b: 'http://env', c: 'http://flag/?list=1,2' })
})

it('names files of tokens, keys and certificates from the folder of the configuration file', () => {
  const file = yaml(
    '{files: [a], authTokens: tokens, jwtIssuer: i, jwtAudience: [a], jwtJwks: jwks.json, tlsCert: a.crt, tlsKey: /a.key}',
    '/etc/sluice/sluice.yaml'
  )
  expect(configOf({ file })).toMatchObject({
    authTokens: '/etc/sluice/tokens',
    jwt: { issuer: 'i', audiences: ['a'], jwks: '/etc/sluice/jwks.json' },
    tls: { cert: '/etc/sluice/a.crt', key: '/a.key' }
  })
})

it.each([
  [{ tlsCert: 'a' }, '--tls-cert: set --tls-key beside it'],
  [{ tlsClientCa: 'a' }, '--tls-client-ca: set --tls-cert beside it'],
  [{ adminTlsKey: 'a' }, '--admin-tls-key: set --admin-tls-cert beside it'],
  [{ jwtIssuer: 'a' }, '--jwt-issuer: set --jwt-jwks beside it'],
  [{ jwtAudience: 'a' }, '--jwt-audience: set --jwt-jwks beside it']
])('refuses %j, which says nothing alone', (flags, fault) => {
  expect(faultsOf({ flags: { files, ...flags } })).toEqual([fault])
})

it('names definition files from the folder of the configuration file', () => {
  const file = yaml('files: [a.yaml, ./pipelines, /etc/b.yaml]', '/etc/sluice/sluice.yaml')
  expect(configOf({ file }).files).toEqual(['/etc/sluice/a.yaml', '/etc/sluice/pipelines', '/etc/b.yaml'])
})

it.each([
  { empty: 'an empty file', sources: { file: yaml('# nothing\n') } },
  { empty: 'an empty variable', sources: { env: { SLUICE_PORT: '', SLUICE_ADMIN_TOKEN: '' } } },
  { empty: 'the address of a Kubernetes service', sources: { env: { SLUICE_PORT: 'tcp://10.96.0.7:8080' } } }
])('takes $empty for nothing said', ({ sources }) => {
  expect(configOf({ ...sources, flags: { files } })).toMatchObject({ port: 8080, adminToken: undefined })
})

describe('faults', () => {
  it('are all told at once, each with its source', () => {
    const faults = faultsOf({
      flags: { port: 'http', resolve: ['sentiment'] },
      env: { SLUICE_SHUTDOWN_GRACE: 'soon', SLUICE_BODY_MEMORY: 'much' },
      file: yaml('logLevel: loud\nprot: 8080\n')
    })
    expect(faults).toEqual([
      "--port: must be a port from 0 to 65535 (0: a free one), found 'http'",
      "--resolve: must be NAME=URL, such as sentiment=http://localhost:9102, found 'sentiment'",
      "SLUICE_BODY_MEMORY: must be a number of bytes such as 268435456, 256MiB or 1GiB, found 'much'",
      "SLUICE_SHUTDOWN_GRACE: must be a duration such as PT2S or 2s, found 'soon'",
      "sluice.yaml:1:1 logLevel: must be trace, debug, info, warn, error or silent, found 'loud'",
      "sluice.yaml:2:1 prot: unknown setting; did you mean 'port'?"
    ])
  })

  it('are not doubled by those that a faulty file may have prevented', () => {
    expect(faultsOf({ file: yaml('files: {}') })).toEqual([
      'sluice.yaml:1:1 files: must be a list of paths, found a mapping'
    ])
  })

  it.each([
    { setting: 'port', value: '-1', fault: "must be a port from 0 to 65535 (0: a free one), found '-1'" },
    {
      setting: 'port',
      value: '65536',
      fault: 'must be a port from 0 to 65535 (0: a free one), found the number 65536'
    },
    { setting: 'port', value: '80.5', fault: "must be a port from 0 to 65535 (0: a free one), found '80.5'" },
    { setting: 'maxProcesses', value: '0', fault: 'must be a whole number from 1 to 4096, found the number 0' },
    { setting: 'workers', value: '0', fault: 'must be a whole number from 1 to 64, found the number 0' },
    { setting: 'workers', value: '65', fault: 'must be a whole number from 1 to 64, found the number 65' },
    { setting: 'workers', value: 'two', fault: "must be a whole number from 1 to 64, found 'two'" },
    { setting: 'workers', value: '1.5', fault: "must be a whole number from 1 to 64, found '1.5'" },
    {
      setting: 'adminPort',
      value: 80.5,
      fault: 'must be a port from 0 to 65535 (0: a free one), found the number 80.5'
    },
    {
      setting: 'host',
      value: '[::1]',
      fault: "must be a host name or an address without scheme, brackets and port, found '[::1]'"
    },
    {
      setting: 'host',
      value: 'a:80',
      fault: "must be a host name or an address without scheme, brackets and port, found 'a:80'"
    },
    {
      setting: 'egress',
      value: 'private',
      fault: "must be public, cluster or allow= with host names, addresses and CIDR blocks, found 'private'"
    },
    {
      setting: 'egress',
      value: 'allow=',
      fault: "must be public, cluster or allow= with host names, addresses and CIDR blocks, found 'allow='"
    },
    {
      setting: 'egress',
      value: 'allow=a,*.b',
      fault: "allow= takes host names without port or wildcard, addresses and CIDR blocks, found '*.b'"
    },
    {
      setting: 'egress',
      value: 'allow=10.0.0.0/33',
      fault: "allow= takes host names without port or wildcard, addresses and CIDR blocks, found '10.0.0.0/33'"
    },
    {
      setting: 'resolve',
      value: 'a=localhost:9102',
      fault: "the URL of a must begin with http:// or https://, found 'localhost:9102'"
    },
    {
      setting: 'resolve',
      value: 'a=http://user:secret@localhost:9102',
      fault: 'the URL of a must not contain a user name or a password'
    },
    {
      setting: 'resolve',
      value: 'a/b/c/d=http://x',
      fault: "must name a NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME, found 'a/b/c/d'"
    },
    { setting: 'watch', value: 'often', fault: "must be true or false, found 'often'" }
  ])('say what to write instead of $setting $value', ({ setting, value, fault }) => {
    const name = setting.replace('P', '-p')
    expect(faultsOf({ flags: { files, [setting]: value } })).toEqual([`--${name}: ${fault}`])
  })

  it('do not repeat a secret', () => {
    const [fault] = faultsOf({ flags: { files, authToken: 'top secret' } })
    expect(fault).toBe('--auth-token: must be printable ASCII characters without spaces')
  })

  it('say where the YAML itself is broken', () => {
    expect(faultsOf({ file: yaml('port: 1\nport: 2\n') })).toEqual([expect.stringMatching(/^sluice\.yaml:2:1 /)])
    expect(faultsOf({ file: yaml('- port') })).toEqual(['sluice.yaml:1:1 must be a mapping of settings'])
  })

  it('are none when there are no definitions: the admin API may keep some', () => {
    expect(faultsOf({})).toEqual([])
  })

  it.each(['0.0.0.0', '::', 'sluice.example.com', '127.0.0.1.example.com'])(
    'refuse %s for the admin plane without a token',
    host => {
      expect(faultsOf({ flags: { files, adminHost: host } })).toEqual([
        `--admin-host: ${host} can be reached from other machines; set --admin-token or SLUICE_ADMIN_TOKEN beside it`
      ])
      expect(faultsOf({ flags: { files, adminHost: host, adminToken: 's3cret' } })).toEqual([])
    }
  )

  it.each(['127.0.0.2', '::1', 'localhost'])('let the admin plane be bound to %s without a token', host => {
    expect(faultsOf({ flags: { files, adminHost: host } })).toEqual([])
  })
})
