import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

export interface TlsAnswer {
  readonly status: number
  readonly text: string
  /** The common name of the certificate that the server showed. */
  readonly server: string
}

export interface TlsClient extends Disposable {
  call(
    url: string,
    options?: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string }
  ): Promise<TlsAnswer>
}

/** A client that trusts one authority, and shows a certificate of its own if it has one. */
export function createTlsClient(ca: string, own?: Certificate, keepAlive = false): TlsClient {
  const identity = own === undefined ? {} : { cert: readFileSync(own.cert), key: readFileSync(own.key) }
  // A session that is taken up again shows no certificate.
  const agent = new Agent({ ca, keepAlive, maxCachedSessions: 0, ...identity })
  return {
    call: (url, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const outgoing = request(url, { method, headers, agent }, response => {
          const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject
          text(response).then(
            read => resolve({ status: response.statusCode ?? 0, text: read, server: String(CN) }),
            reject
          )
        })
        outgoing.on('error', reject)
        outgoing.end(body)
      }),
    [Symbol.dispose]: () => agent.destroy()
  }
}
