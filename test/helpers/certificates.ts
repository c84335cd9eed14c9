import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { createTempFolder } from './temp-folder.ts'

export interface Certificate {
  /** Paths of files in PEM. */
  readonly cert: string
  readonly key: string
}

export interface Authority extends AsyncDisposable {
  /** The path of its own certificate, and what stands there. */
  readonly ca: string
  readonly pem: string
  /** A certificate for localhost and 127.0.0.1, signed by it. */
  issue(name: string): Promise<Certificate>
}

const openssl = async (args: readonly string[]): Promise<void> => void (await promisify(execFile)('openssl', args))

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** Somebody who signs certificates, made for this test. */
export async function createAuthority(name = 'test authority'): Promise<Authority> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const [ca, caKey] = [join(folder.path, 'ca.pem'), join(folder.path, 'ca.key')]
  await openssl(['req', '-x509', ...curve, '-keyout', caKey, '-out', ca, '-subj', `/CN=${name}`])
  const pem = await readFile(ca, 'utf8')
  const owned = opened.move()
  return {
    ca,
    pem,
    async issue(subject) {
      const [cert, key] = [join(folder.path, `${subject}.pem`), join(folder.path, `${subject}.key`)]
      const signed = ['-CA', ca, '-CAkey', caKey, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
      await openssl(['req', '-x509', ...curve, ...signed, '-keyout', key, '-out', cert, '-subj', `/CN=${subject}`])
      return { cert, key }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}
