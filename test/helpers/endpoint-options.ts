import type { EndpointOptions } from '../../src/delivery/endpoint.ts'

/** Those of a step `s` that says nothing special. */
export const endpointOptions: EndpointOptions = {
  label: 'step "s"',
  reply: 'json',
  tellsUpstream: true,
  identify: () => ({ id: '1', source: '/s', type: 't' }),
  mode: 'binary',
  timeoutMs: 60_000,
  deadlineMs: Infinity,
  maxReplyBytes: 1024,
  streaming: undefined,
  headers: [],
  own: undefined,
  attempted: undefined
}
