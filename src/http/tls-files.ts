import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Server } from 'node:https'
import { messageOf } from '../errors.ts'
import type { WatchedFile } from '../secrets/watched-file.ts'

/** Files in PEM. */
export interface TlsPaths {
  /** The certificate, then those between it and the one that is trusted. */
  readonly cert: string
  readonly key: string
  /** The authority that signs the certificates of callers; `undefined`: they need none. */
  readonly clientCa: string | undefined
}

export interface TlsFilesDeps {
  readonly file: (path: string) => WatchedFile
  /** Calls back when files shall be read again, whatever they look like. */
  readonly onReadAgain: (listener: () => void) => Disposable
  /** Is told when what the files say has taken the place of what was; or why not. */
  readonly told: (fault: string | undefined) => void
}

/** Loaded only where it is used, since it takes Node most of the time that its own start does. */
const tls = () => process.getBuiltinModule('node:tls')

/** How often the files are looked at, in milliseconds. */
const everyMs = 1_000

interface Material {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** The certificate and key of a server, from files that are read again when they change. */
export class TlsFiles {
  readonly #files: readonly WatchedFile[]
  readonly #deps: TlsFilesDeps
  /** As they were last looked at, faulty or not. */
  #seen: string

  #material: Material

  /** Throws where a file cannot be read, or they do not belong together. */
  constructor({ cert, key, clientCa }: TlsPaths, deps: TlsFilesDeps) {
    this.#files = [cert, key, ...(clientCa === undefined ? [] : [clientCa])].map(deps.file)
    this.#deps = deps
    const texts = this.#files.map(textOf)
    this.#seen = texts.join('\0')
    this.#material = materialOf(texts, this.#files)
  }

  /** The options that a server begins with. A caller who must show a certificate is cut without one. */
  get options() {
    const needsCertificate = this.#material.ca !== undefined
    return { ...this.#material, requestCert: needsCertificate, rejectUnauthorized: needsCertificate } as const
  }

  /** Connections that come from now on see what the files say then; those that are there stay as they are. */
  follow(server: Server): Disposable {
    const look = (): void => this.#look(server)
    const looking = setInterval(look, everyMs)
    const listening = this.#deps.onReadAgain(look)
    return {
      [Symbol.dispose]() {
        clearInterval(looking)
        listening[Symbol.dispose]()
      }
    }
  }

  /** A certificate may be there before its key: until both are, those that were hold. */
  #look(server: Server): void {
    try {
      const texts = this.#files.map(textOf)
      const seen = texts.join('\0')
      if (seen === this.#seen) return
      this.#seen = seen
      this.#material = materialOf(texts, this.#files)
      server.setSecureContext(this.#material)
      this.#deps.told(undefined)
    } catch (thrown) {
      this.#deps.told(messageOf(thrown))
    }
  }
}

function textOf(file: WatchedFile): string {
  const reading = file.read()
  if (reading.kind === 'text') return reading.text
  throw new Error(`${file.path} ${reading.reason}`)
}

/** Throws, in words without what stands in the files, where they do not belong together. */
function materialOf(
  [cert = '', key = '', ca]: readonly string[],
  [certFile, keyFile, caFile]: readonly WatchedFile[]
): Material {
  const certificate = read(certFile, 'a certificate', () => new X509Certificate(cert))
  const privateKey = read(keyFile, 'a private key without a passphrase', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`${keyFile?.path} is not the key of the certificate in ${certFile?.path}`)
  }
  if (ca !== undefined) read(caFile, 'a certificate', () => new X509Certificate(ca))
  const material = ca === undefined ? { cert, key } : { cert, key, ca }
  read(certFile, 'a certificate chain', () => tls().createSecureContext(material))
  return material
}

function read<T>(file: WatchedFile | undefined, what: string, make: () => T): T {
  try {
    return make()
  } catch {
    throw new Error(`${file?.path} must be ${what} in PEM`)
  }
}
