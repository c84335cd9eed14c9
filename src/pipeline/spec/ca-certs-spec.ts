import { X509Certificate } from 'node:crypto'
import * as z from 'zod'
import { hasReferences } from '../environment.ts'
import { expected } from './expected.ts'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** PEM certificates, one or more. */
export const caCertsSpec = z
  .string({ error: expected('one or more certificates in PEM (-----BEGIN CERTIFICATE----- …)') })
  .refine(pem => hasReferences(pem) || isPem(pem))

/** Whether a text has certificates, and each can be read. */
export function isPem(text: string): boolean {
  const certificates = text.match(block)
  return certificates !== null && certificates.every(isCertificate)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
