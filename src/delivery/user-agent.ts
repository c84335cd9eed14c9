import { version } from '../telemetry/version.ts'

/** What every call says of its caller. */
export const userAgent: readonly [name: string, value: string] = ['user-agent', `sluice/${version}`]
