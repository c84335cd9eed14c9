import { pino } from 'pino'
import { SluiceError, toldText } from '../errors.ts'
import { prettyLine } from './pretty-line.ts'
import { standardError } from './standard-error.ts'

/** The part of a logger that the rest of the code needs: fields first, then one sentence. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Whether the end of each request is worth a line, since a person reads along. */
  readonly tellsRequests: boolean
}

/** How the log is written. */
export interface LogOptions {
  readonly logLevel: string
  /** `json`: one object a line; `pretty`: for a terminal, with a line for each request. */
  readonly logFormat: 'json' | 'pretty'
  /** Whether pretty lines have colours. */
  readonly logColor: boolean
  /** Values that no error may show. */
  readonly secrets?: readonly string[]
}

/** Header and field names whose values never reach a log line. */
const secretFields = ['authorization', 'cookie', 'token', 'password', 'authToken', 'adminToken']

/**
 * One JSON line each on stderr, written at once: a line that explains a crash must not be lost by it. A reader that
 * does not keep up holds nobody up, and is told how many lines it missed. `fields` are in every line.
 */
export function createLogger({ logLevel, logFormat, logColor, secrets = [] }: LogOptions, fields: object = {}): Logger {
  const pretty = logFormat === 'pretty'
  const output = standardError()
  const logger = pino(
    {
      level: logLevel,
      base: { service: 'sluice', ...fields },
      redact: { paths: secretFields.flatMap(name => [name, `*.${name}`]), censor: '[redacted]' },
      serializers: {
        err: thrown => censoredFields(serializeError(thrown), secrets),
        reason: reason => (typeof reason === 'string' ? censored(reason, secrets) : reason)
      }
    },
    pretty ? { write: line => output.write(prettyLine(line, { color: logColor, columns: columns() })) } : output
  )
  return Object.assign(logger, { tellsRequests: pretty })
}

/** A terminal may be made wider or narrower at any time; elsewhere lines are as long as they are. */
const columns = (): number => process.stderr.columns ?? Infinity

/** For a room that is used without a gateway. */
export const silentLogger = (): Logger => Object.assign(pino({ level: 'silent' }), { tellsRequests: false })

/** Ours by code and facts, with what the failing step said where that may be told; anything else with its stack. */
function serializeError(thrown: unknown): object {
  if (thrown instanceof SyntaxError) return { type: thrown.name, stack: stackOf(thrown) }
  if (!(thrown instanceof SluiceError)) return foreignError(thrown)
  const { upstreamBody, ...facts } = thrown.facts
  const said = toldText(upstreamBody)
  const { code, message, cause } = thrown
  return {
    code,
    message,
    ...facts,
    ...(said !== undefined && { upstreamBody: said }),
    ...(cause !== undefined && { cause: cause instanceof Error ? stackOf(cause) : cause })
  }
}

/** Its own fields are left out: those of ioredis have the command, password included, those of `URL` what it was given. */
function foreignError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown) }
  const { name, message, code, cause }: NodeJS.ErrnoException = thrown
  const stack = cause instanceof Error ? `${stackOf(thrown)}\ncaused by: ${stackOf(cause)}` : stackOf(thrown)
  return { type: name, message, ...(code !== undefined && { code }), stack }
}

const censoredFields = (fields: object, secrets: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? censored(value, secrets) : value])
  )

const censored = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text)

/** A SyntaxError of JSON.parse quotes what it could not parse, which is payload. */
function stackOf(error: Error): string {
  const stack = error.stack ?? `${error.name}: ${error.message}`
  return error instanceof SyntaxError ? stack.replace(error.message, '…') : stack
}
