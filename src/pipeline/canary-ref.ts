import type { Destination } from './destination.ts'
import type { Reference } from './reference-key.ts'
import type { DestinationSpec } from './spec/destination-spec.ts'

type Ref = NonNullable<DestinationSpec['ref']>

/** The kind of what is deployed for an entry of traffic. The API server has no such kind: its address is that of its Service. */
export const canaryKind = { group: 'sluice.dev', kind: 'Canary' } as const

/** Names what is deployed for an entry of traffic. It has an address from the time on when it was ready once. */
export const canaryRef = (name: string): Ref => ({
  apiVersion: `${canaryKind.group}/v1alpha1`,
  kind: canaryKind.kind,
  name
})

export const isCanaryReference = ({ group, kind }: Pick<Reference, 'group' | 'kind'>): boolean =>
  group === canaryKind.group && kind === canaryKind.kind

/** An entry of traffic leads to what was deployed for it and was never ready: nothing goes there, and the step serves without it. */
export const isAwaited = (destination: Destination): boolean =>
  destination.kind === 'unresolved' && destination.isCanary === true
