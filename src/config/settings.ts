import { isIP } from 'node:net'
import * as z from 'zod'
import { durationMs } from '../pipeline/duration.ts'
import { durationSpec } from '../pipeline/spec/duration-spec.ts'
import { nameSpec } from '../pipeline/spec/name-spec.ts'
import { expected } from '../pipeline/spec/expected.ts'
import { allowOriginSetting } from './allow-origin-setting.ts'
import { egressSetting } from './egress-setting.ts'
import { sizeSetting } from './size-setting.ts'
import { resolveSetting } from './resolve-setting.ts'
import { splitList } from './split-list.ts'

/** A number in a file, text in a flag or the environment. */
function wholeNumber(min: number, max: number, meaning: string) {
  const error = expected(meaning)
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error })
    .refine(number => Number.isInteger(number) && number >= min && number <= max, { error })
}

const port = wholeNumber(0, 65_535, 'a port from 0 to 65535 (0: a free one)')

const hostName = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/
const expectedHost = expected('a host name or an address without scheme, brackets and port')

const host = z
  .string({ error: expectedHost })
  .refine(text => isIP(text) !== 0 || hostName.test(text), { error: expectedHost })

/** A secret: it is not repeated in the message. */
const token = z.string({ error: 'must be text; put it in quotes' }).regex(/^[\x21-\x7e]+$/, {
  error: 'must be printable ASCII characters without spaces'
})

const file = z
  .string({ error: expected('the path of a file or directory') })
  .min(1, { error: 'must not be an empty path' })

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')], {
  error: expected('true or false')
})

/** It is not repeated in the message either: it may hold a password. */
const expectedStore = 'must be sqlite:PATH, sqlite::memory: or a Redis URL such as redis://localhost:6379'

/** The settings, by their names in `sluice.yaml`: the one place where settings are listed. All are optional here. */
export const settings = z
  .strictObject({
    files: z.union([z.array(file), file.transform(splitList)], { error: expected('a list of paths') }),
    kubernetes: flag,
    namespace: nameSpec,
    kubeconfig: file,
    host,
    port,
    adminHost: host,
    adminPort: port,
    adminToken: token,
    authToken: token,
    authTokens: file,
    jwtIssuer: z
      .string({ error: expected('the issuer of JWTs, as their iss says it') })
      .min(1, { error: 'must not be empty' }),
    jwtAudience: z.union([z.array(z.string()), z.string().transform(splitList)], {
      error: expected('a list of audiences')
    }),
    jwtJwks: file,
    tlsCert: file,
    tlsKey: file,
    tlsClientCa: file,
    adminTlsCert: file,
    adminTlsKey: file,
    adminTlsClientCa: file,
    allowOrigin: allowOriginSetting,
    egress: egressSetting,
    resolve: resolveSetting,
    logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: expected('trace, debug, info, warn, error or silent')
    }),
    logFormat: z.enum(['json', 'pretty'], { error: expected('json or pretty') }),
    store: z
      .string({ error: expectedStore })
      .regex(/^(sqlite:.+|rediss?(\+[a-z]+)?:\/\/.+)$/, { error: expectedStore }),
    durability: z.enum(['default', 'strict'], { error: expected('default or strict') }),
    workers: wholeNumber(1, 64, 'a whole number from 1 to 64'),
    maxProcesses: wholeNumber(1, 4096, 'a whole number from 1 to 4096'),
    bodyMemory: sizeSetting,
    shutdownGrace: durationSpec().transform(durationMs),
    watch: flag
  })
  .partial()

export type Settings = z.infer<typeof settings>

export type SettingName = keyof Settings
