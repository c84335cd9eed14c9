import { flagName } from './flag-name.ts'
import { settings } from './settings.ts'

/** `adminPort` as it is named in the environment: `SLUICE_ADMIN_PORT`. */
export const environmentName = (setting: string): string =>
  `SLUICE_${flagName(setting).slice(2).replaceAll('-', '_').toUpperCase()}`

/** A Service named `sluice` makes Kubernetes set SLUICE_PORT to such an address in every pod of its namespace. */
const serviceLink = /^(tcp|udp|sctp):\/\//

/** The settings in the environment, by setting name; an empty variable says nothing. */
export function environmentValues(env: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {}
  for (const setting of Object.keys(settings.shape)) {
    const value = env[environmentName(setting)] ?? ''
    if (value !== '' && !serviceLink.test(value)) values[setting] = value
  }
  return values
}
