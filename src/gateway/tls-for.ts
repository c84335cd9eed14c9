import { TlsFiles, type TlsPaths } from '../http/tls-files.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Logger } from '../telemetry/log.ts'

/** TLS for a plane; `undefined`: it is plain HTTP. Throws where its files cannot be used. */
export function tlsFor(
  plane: 'data' | 'admin',
  paths: TlsPaths | undefined,
  secrets: Secrets,
  log: Logger
): TlsFiles | undefined {
  if (paths === undefined) return undefined
  let told: string | undefined
  return new TlsFiles(paths, {
    file: path => secrets.file(path),
    onReadAgain: listener => secrets.onReadAgain(listener),
    told(fault) {
      if (fault === undefined) log.info({ plane }, 'the certificate was read again')
      else if (fault !== told) log.warn({ plane, fault }, 'the certificate that was before is used still')
      told = fault
    }
  })
}
