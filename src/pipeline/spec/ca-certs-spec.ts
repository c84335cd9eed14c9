import { X509Certificate } from 'node:crypto'
import * as z from 'zod'
import { expected } from './expected.ts'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** PEM certificates, one or more. */
export const caCertsSpec = z
  .string({ error: expected('one or more certificates in PEM (-----BEGIN CERTIFICATE----- …)') })
  .refine(pem => {
    const certificates = pem.match(block)
    return certificates !== null && certificates.every(isCertificate)
  })

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
