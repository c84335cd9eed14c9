import { checkAccess, mayCall } from '../access/may-call.ts'
import { SluiceError } from '../errors.ts'
import type { Serving } from '../flow/serving.ts'
import type { Answer } from '../http/answer.ts'
import type { Plan } from '../pipeline/plan.ts'
import { acceptRequest, isStored } from './accept-request.ts'
import type { Arrival } from './arrival.ts'
import { handshakeAnswer } from './handshake.ts'
import { checkHops } from './hops.ts'
import type { IngressDeps } from './ingress-deps.ts'
import { serveRequest } from './serve-request.ts'
import { unknownPipeline } from './unknown-pipeline.ts'

/** `/{namespace}/{pipeline}`, in whatever method. */
export function servePipeline(
  arrival: Arrival,
  namespace: string,
  name: string,
  deps: IngressDeps
): Answer | Promise<Answer | undefined> {
  const serving = findServing(arrival, namespace, name, deps)
  switch (arrival.incoming.method) {
    case 'POST':
      checkHops(arrival.headers)
      return isStored(arrival, serving.plan)
        ? acceptRequest(arrival, serving, deps)
        : serveRequest(arrival, serving, deps)
    case 'OPTIONS':
      return handshakeAnswer(arrival.headers)
    default:
      throw new SluiceError('METHOD_NOT_ALLOWED', 'a pipeline is called by POST', { facts: { allow: 'POST, OPTIONS' } })
  }
}

/** The pipeline, which the caller may call. Throws PIPELINE_NOT_FOUND, UNAUTHENTICATED and FORBIDDEN. */
export function findServing(arrival: Arrival, namespace: string, name: string, deps: IngressDeps): Serving {
  const serving = deps.find(namespace, name)
  // One that is being deleted is not there any more, and nobody calls one without an ingress.
  if (serving === undefined || serving.admission.gate === 'gone' || !serving.plan.serves) {
    throw unknownPipeline(namespace, name, seenBy(arrival, deps))
  }
  checkCaller(arrival, serving.plan.access)
  return serving
}

export const checkCaller = ({ caller, headers }: Arrival, access: Plan['access']): void =>
  checkAccess(access, caller, headers.get('authorization'))

export const seenBy = ({ caller }: Arrival, { served }: IngressDeps): readonly Plan[] =>
  served().filter(({ access, serves }) => serves && mayCall(access, caller))
