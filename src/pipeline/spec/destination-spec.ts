import * as z from 'zod'
import { caCertsSpec } from './ca-certs-spec.ts'
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
  audience: text().optional().describe('The audience of the OIDC token that is sent along.')
}

/** `uri` must be whole on its own, and a path beside `ref`. */
export const checkUri: Rule = ({ uri, ref }, report) => {
  if (typeof uri !== 'string') return
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

function absoluteFault(uri: string): string | undefined {
  const url = URL.parse(uri)
  if (url === null || !/^https?:\/\//i.test(uri)) {
    return `must be an absolute http or https URL such as http://localhost:9101, found ${found(uri)}`
  }
  // Not repeated in the message: it may be a secret.
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or a password'
  return undefined
}

function relativeFault(uri: string): string | undefined {
  const base = URL.parse(uri, 'http://ref.invalid')
  if (base?.host === 'ref.invalid' && URL.parse(uri) === null) return undefined
  return `must be a path such as /predict, because 'ref' gives the address, found ${found(uri)}`
}
