import { isatty } from 'node:tty'
import { readConfigFile, type ConfigFile } from './config/config-file.ts'
import { findConfigFile } from './config/find-config-file.ts'
import { readSettings, type ReadSettings } from './config/read-settings.ts'
import { secretValues } from './config/secret-values.ts'
import { environmentName, environmentValues } from './config/environment.ts'
import { flagName } from './config/flag-name.ts'
import type { SettingName, Settings } from './config/settings.ts'
import type { EgressRule } from './delivery/egress-rule.ts'
import type { JwtSettings } from './access/create-identify.ts'
import type { TlsPaths } from './http/tls-files.ts'
import { isLoopbackAddress } from './http/loopback-host.ts'
import type { Environment } from './pipeline/environment.ts'
import { tracingWanted } from './telemetry/tracing-wanted.ts'

/** Everything that a gateway can be told. Resolved: nothing is optional that has a default. */
export interface GatewayConfig {
  /** Definition files and directories (their *.yaml, *.yml, *.json, not recursive). */
  readonly files: readonly string[]
  /** Definitions are read again when they change. */
  readonly watch: boolean
  /** The API server that definitions come from; `undefined`: none do. */
  readonly kubernetes?: ClusterConfig | undefined
  /** Bind address of the data plane. */
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  /** Bearer token of the admin plane; required when `adminHost` is not loopback. */
  readonly adminToken: string | undefined
  /** Bearer token of the data plane, whose callers have no name. */
  readonly authToken: string | undefined
  /** A file of named tokens, `NAME TOKEN` a line. */
  readonly authTokens?: string | undefined
  /** Whose JWTs the data plane takes. */
  readonly jwt?: JwtSettings | undefined
  /** Without one the data plane is plain HTTP. */
  readonly tls?: TlsPaths | undefined
  readonly adminTls?: TlsPaths | undefined
  /** Origins whose pages may call the data plane from a browser; `*`: all. */
  readonly allowOrigin: readonly string[]
  /** The steps that may be called: `cluster` (all but link-local and cloud metadata), `public`, or an allow-list. */
  readonly egress: EgressRule
  /** `name`, `namespace/name` or `Kind/namespace/name` of a ref to its URL. */
  readonly resolve: ReadonlyMap<string, string>
  readonly logFormat: 'json' | 'pretty'
  /** Whether pretty lines have colours. */
  readonly logColor: boolean
  /** Values that no line of the log shows, whatever error quotes them. */
  readonly secrets?: readonly string[]
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Where accepted requests are kept: `sqlite:PATH`, `sqlite::memory:` or a Redis URL. */
  readonly store: string
  /** Whether somebody named the store; one that nobody named opens when it is needed. */
  readonly isStoreNamed: boolean
  /** `strict`: a store that cannot keep what a 202 promises is refused at start. */
  readonly durability: 'default' | 'strict'
  /** How many processes take requests; 1: this one. */
  readonly workers: number
  /** The local processes of all steps together, at most. */
  readonly maxProcesses: number
  /** How many bytes all bodies in flight share, in each process. */
  readonly bodyMemory: number
  /** How long a shutdown waits for what is in flight, in milliseconds. */
  readonly shutdownGraceMs: number
  /** Whether the `OTEL_*` variables ask for traces. */
  readonly tracing: boolean
  /** The environment that local step processes inherit, and that `${NAME}` in definitions refers to. */
  readonly processEnv: NodeJS.ProcessEnv
}

/** Where an API server is, and which part of it counts. */
export interface ClusterConfig {
  /** `undefined`: all. */
  readonly namespace: string | undefined
  /** `undefined`: the usual ones. */
  readonly kubeconfig: string | undefined
}

/** The descriptor of standard error, where the log goes. */
const stderr = 2

/** Nothing to install, and durable. */
const defaultStore = 'sqlite:./sluice.db'

/** Where settings come from, each source above the ones after it. */
export interface ConfigSources {
  /** By setting name, as the command line gives them. */
  readonly flags: SettingFlags
  readonly env: NodeJS.ProcessEnv
  /** `sluice.yaml`, if there is one. */
  readonly file: ConfigFile | undefined
}

export type SettingFlags = Readonly<Partial<Record<SettingName, unknown>>>

/** Faults are lines that name the setting and its source, and say what to write instead. */
export type ReadConfig =
  | { readonly kind: 'config'; readonly config: GatewayConfig }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }

/** The configuration of this process; the one place where its environment and `sluice.yaml` are looked at. */
export async function loadConfig(flags: SettingFlags, configFlag: string | undefined): Promise<ReadConfig> {
  return readConfig(await findSources(flags, configFlag))
}

/** As `loadConfig`, for a command that serves nothing: what only a gateway needs may be missing. */
export async function loadSettings(flags: SettingFlags, configFlag: string | undefined): Promise<ReadConfig> {
  return readSources(await findSources(flags, configFlag))
}

/** The variables behind `${NAME}` in definitions. */
export const environment = (): Environment => process.env

async function findSources(flags: SettingFlags, configFlag: string | undefined): Promise<ConfigSources> {
  const { env } = process
  return { flags, env, file: await findConfigFile(configFlag ?? (env['SLUICE_CONFIG'] || undefined)) }
}

/** The settings of all sources as one, or all faults of all sources, and what is missing. */
export function readConfig(sources: ConfigSources): ReadConfig {
  return readSources(sources, missingSettings)
}

function readSources({ flags, env, file }: ConfigSources, missing: typeof missingSettings = () => []): ReadConfig {
  const fromFlags = readSettings(flags)
  const fromEnvironment = readSettings(environmentValues(env))
  const fromFile = file === undefined ? { settings: {}, faults: [] } : readConfigFile(file)
  const all = [fromFile.settings, fromEnvironment.settings, fromFlags.settings]
  const config = resolved(all, env)
  const faults = [
    ...faultLines(fromFlags, flagName),
    ...faultLines(fromEnvironment, environmentName),
    ...fromFile.faults
  ]
  // Nobody knows the settings that a faulty file would have had, so nothing is called missing.
  if (fromFile.faults.length === 0) faults.push(...missing(config))
  if (faults.length === 0) faults.push(...aloneFaults(Object.assign({}, ...all)))
  return faults.length === 0 ? { kind: 'config', config } : { kind: 'faulty', faults }
}

const faultLines = ({ faults }: ReadSettings, nameOf: (setting: string) => string): string[] =>
  faults.map(({ setting, message }) => `${nameOf(setting)}: ${message}`)

/** The weakest source first. `resolve` is merged name by name, so that one flag can redirect one name. */
function resolved(sources: readonly Settings[], env: NodeJS.ProcessEnv): GatewayConfig {
  const settings = sources.reduce((below, above) => ({ ...below, ...above }))
  return {
    files: settings.files ?? [],
    // The objects of an API server are followed, and files beside them are too.
    watch: settings.kubernetes === true || (settings.watch ?? false),
    kubernetes: settings.kubernetes === true ? clusterOf(settings) : undefined,
    host: settings.host ?? '127.0.0.1',
    port: settings.port ?? 8080,
    adminHost: settings.adminHost ?? '127.0.0.1',
    adminPort: settings.adminPort ?? 9090,
    adminToken: settings.adminToken,
    authToken: settings.authToken,
    authTokens: settings.authTokens,
    jwt: jwtOf(settings),
    tls: tlsOf(settings.tlsCert, settings.tlsKey, settings.tlsClientCa),
    adminTls: tlsOf(settings.adminTlsCert, settings.adminTlsKey, settings.adminTlsClientCa),
    allowOrigin: settings.allowOrigin ?? [],
    egress: settings.egress ?? { kind: 'cluster' },
    resolve: new Map(sources.flatMap(({ resolve = [] }) => [...resolve])),
    logLevel: settings.logLevel ?? 'info',
    logFormat: settings.logFormat ?? (isatty(stderr) ? 'pretty' : 'json'),
    logColor: isatty(stderr) && (env['NO_COLOR'] ?? '') === '',
    secrets: secretValues({
      ...env,
      adminToken: settings.adminToken,
      authToken: settings.authToken,
      store: settings.store
    }),
    store: settings.store ?? defaultStore,
    isStoreNamed: settings.store !== undefined,
    durability: settings.durability ?? 'default',
    workers: settings.workers ?? 1,
    maxProcesses: settings.maxProcesses ?? 64,
    bodyMemory: settings.bodyMemory ?? 256 * 1024 * 1024,
    shutdownGraceMs: settings.shutdownGrace ?? 30_000,
    tracing: tracingWanted(env),
    processEnv: env
  }
}

const clusterOf = ({ namespace, kubeconfig }: Settings): ClusterConfig => ({ namespace, kubeconfig })

const jwtOf = ({ jwtIssuer: issuer, jwtAudience: audiences = [], jwtJwks: jwks }: Settings): JwtSettings | undefined =>
  issuer === undefined || jwks === undefined ? undefined : { issuer, audiences, jwks }

const tlsOf = (
  cert: string | undefined,
  key: string | undefined,
  clientCa: string | undefined
): TlsPaths | undefined => (cert === undefined || key === undefined ? undefined : { cert, key, clientCa })

/** Settings that say nothing without another: together they would let in whom they shall keep out. */
const companions: readonly (readonly [setting: SettingName, needs: SettingName])[] = [
  ['jwtIssuer', 'jwtJwks'],
  ['jwtJwks', 'jwtIssuer'],
  ['jwtAudience', 'jwtJwks'],
  ['tlsCert', 'tlsKey'],
  ['tlsKey', 'tlsCert'],
  ['tlsClientCa', 'tlsCert'],
  ['adminTlsCert', 'adminTlsKey'],
  ['adminTlsKey', 'adminTlsCert'],
  ['adminTlsClientCa', 'adminTlsCert'],
  ['namespace', 'kubernetes'],
  ['kubeconfig', 'kubernetes']
]

const aloneFaults = (settings: Settings): string[] =>
  companions.flatMap(([setting, needs]) =>
    settings[setting] === undefined || settings[needs] !== undefined
      ? []
      : [`${flagName(setting)}: set ${flagName(needs)} beside it`]
  )

function missingSettings({ adminHost, adminToken }: GatewayConfig): string[] {
  const faults: string[] = []
  if (adminToken === undefined && !isLoopbackAddress(adminHost)) {
    faults.push(
      `--admin-host: ${adminHost} can be reached from other machines; set --admin-token or SLUICE_ADMIN_TOKEN beside it`
    )
  }
  return faults
}
