import { delimiter, dirname } from 'node:path'

/**
 * What a step process sees: what the gateway does, without the gateway's own settings (its tokens are among them), and
 * what the step asks for. `node` is the gateway's own Node.
 */
export function stepEnvironment(
  inherited: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
  port: number
): Record<string, string> & { PATH: string } {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !name.startsWith('SLUICE_')) env[name] = value
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
