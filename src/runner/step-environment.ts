import { delimiter, dirname } from 'node:path'

/**
 * The environment of a step process: that of the gateway, without its own settings and secrets, and the part that the
 * step asks for. `node` is the gateway's own Node.
 */
export function stepEnvironment(
  inherited: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
  port: number
): Record<string, string> & { PATH: string } {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !isOwn(name, value)) env[name] = value
  }
  const path = own['PATH'] ?? env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
  return {
    ...env,
    ...own,
    PATH: `${dirname(process.execPath)}${delimiter}${path}`,
    PORT: String(port),
    HOST: '127.0.0.1'
  }
}

/** How the gateway proves to a collector of traces who it is. */
const exporterSecret = /^OTEL_EXPORTER_.*(HEADERS|CERTIFICATE|KEY|TOKEN|PASSWORD|USERNAME)$/

/** A collector's URL may have its secret in the userinfo or the query. */
function isOwn(name: string, value: string): boolean {
  if (name.startsWith('SLUICE_') || exporterSecret.test(name)) return true
  return name.startsWith('OTEL_EXPORTER_') && /^[a-z]+:\/\/.*[@?]/i.test(value)
}
