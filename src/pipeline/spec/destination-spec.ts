import * as z from 'zod'
import { hasReferences } from '../environment.ts'
import { caCertsSpec } from './ca-certs-spec.ts'
import { callHeadersSpec } from './call-headers-spec.ts'
import { expected } from './expected.ts'
import { found } from './found.ts'
import { rules, type Rule } from './rule.ts'

const text = () => z.string().min(1)

const maxUriLength = 2048

const kubernetesName = z
  .string({ error: expected('the name of a Kubernetes resource') })
  .regex(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/)

const refSpec = z
  .strictObject({
    apiVersion: text().optional().describe('For example serving.knative.dev/v1.'),
    kind: z
      .string({ error: expected('a kind such as Service') })
      .regex(/^[A-Z][A-Za-z0-9]*$/)
      .describe('For example Service.'),
    namespace: kubernetesName.optional().describe("The pipeline's, unless given."),
    name: kubernetesName.describe('The name of the resource.'),
    group: text().optional().describe('The API group, in place of apiVersion.'),
    address: text().optional().describe('Which of the addresses of the resource.')
  })
  .meta({
    id: 'Reference',
    description: 'A resource that has an address. Outside Kubernetes `--resolve NAME=URL` says where it is.'
  })

/** The fields of a Knative Destination, for the nouns that are one and more. */
export const destinationShape = {
  uri: z
    .string({ error: expected('an http or https URL') })
    .max(maxUriLength, { error: `must be at most ${maxUriLength} characters long` })
    .optional()
    .describe('Where to POST: an absolute http or https URL; beside `ref`, a path relative to its address.'),
  ref: refSpec.optional(),
  CACerts: caCertsSpec.optional().describe('PEM certificates that the server of this destination must be signed by.'),
  audience: text().optional().describe('The audience of the OIDC token that is sent along.'),
  headers: callHeadersSpec.optional()
}

/** `uri` must be whole on its own, and a path beside `ref`. */
export const checkUri: Rule = ({ uri, ref }, report) => {
  // The value is judged when its variables are known.
  if (typeof uri !== 'string' || hasReferences(uri)) return
  const message = ref === undefined ? absoluteFault(uri) : relativeFault(uri)
  if (message !== undefined) report(['uri'], message)
}

/** A destination says where it is. */
export const checkPlace: Rule = ({ uri, ref }, report) => {
  if (uri === undefined && ref === undefined) report([], "needs a 'uri' or a 'ref'")
}

/** Exactly what a Knative Destination is. */
export const destinationSpec = z
  .strictObject(destinationShape)
  .superRefine(...rules(checkUri, checkPlace))
  .meta({ id: 'Destination', description: 'Where to POST: `uri` or `ref`, as in Knative.' })

export type DestinationSpec = z.infer<typeof destinationSpec>

/** Why a `uri` cannot be one once its variables are filled in, without what is in them; `undefined`: it can. */
export function filledUriFault(uri: string, besideRef: boolean): string | undefined {
  if (uri.length > maxUriLength) return `must be at most ${maxUriLength} characters long with its variables filled in`
  if (besideRef) return isRelative(uri) ? undefined : 'must be a path with its variables filled in'
  if (!isAbsolute(uri)) return 'must be an absolute http or https URL with its variables filled in'
  return hasUser(uri) ? namesUser : undefined
}

const namesUser = 'must not contain a user name or a password'

function absoluteFault(uri: string): string | undefined {
  // Not repeated in the message: it may be a secret.
  if (hasUser(uri)) return namesUser
  if (isAbsolute(uri)) return undefined
  return `must be an absolute http or https URL such as http://localhost:9101, found ${found(withoutQuery(uri))}`
}

function relativeFault(uri: string): string | undefined {
  if (isRelative(uri)) return undefined
  if (hasUser(uri)) return namesUser
  return `must be a path such as /predict, because 'ref' gives the address, found ${found(withoutQuery(uri))}`
}

/** Secrets travel in a query. */
const withoutQuery = (uri: string): string => uri.replace(/\?.*/s, '?…')

const isAbsolute = (uri: string): boolean => /^https?:\/\//i.test(uri) && URL.canParse(uri)

const isRelative = (uri: string): boolean =>
  URL.parse(uri, 'http://ref.invalid')?.host === 'ref.invalid' && !URL.canParse(uri)

function hasUser(uri: string): boolean {
  const url = URL.parse(uri)
  return url !== null && (url.username !== '' || url.password !== '')
}
