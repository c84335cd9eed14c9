import { version } from '../telemetry/version.ts'

/** The header by which every call names its caller. */
export const userAgent: readonly [name: string, value: string] = ['user-agent', `sluice/${version}`]
