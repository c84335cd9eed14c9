/** Few, so that a place that is lost is missed. */
export const places = { maxConcurrent: 64, maxInFlight: 32 }

interface FuzzedPipeline {
  readonly name: string
  /** Whether a caller who does not ask for anything else gets the reply, of a request in memory. */
  readonly synchronous: boolean
  readonly steps: readonly Readonly<Record<string, unknown>>[]
  readonly spec?: Readonly<Record<string, unknown>>
}

const limits = { ...places, maxQueued: 2_000, maxDeliveries: 2 }
/** Callers give a silent step up sooner; a slow machine gets so many calls together in that time. */
const delivery = {
  retry: 1,
  backoffDelay: 'PT0.001S',
  backoffMax: 'PT0.01S',
  timeout: 'PT10S',
  retryAfterMax: 'PT0.01S'
}
/** Open breakers would spare the gateway most of what the step does to it. */
const circuitBreaker = { enabled: false }
const kept = { stored: true, ttl: 'PT5S' }

/** By where the step is that echoes or abuses. */
export const pipelinesOf = (step: string): readonly FuzzedPipeline[] => {
  const echo = { uri: `${step}/echo`, circuitBreaker }
  const fuzz = { uri: `${step}/fuzz`, circuitBreaker }
  return [
    { name: 'echo', synchronous: true, steps: [{ name: 'echo', ...echo }] },
    {
      name: 'expressions',
      synchronous: true,
      steps: [
        { name: 'view', when: 'data.a != 1', transform: 'data.b[x > 2].y & $uppercase($string(data))' },
        { name: 'whole', transform: '{"specversion": "1.0", "id": id, "source": source, "type": type, "data": data}' },
        { name: 'echo', ...echo, input: '$request.data', onFailure: 'continue' }
      ]
    },
    { name: 'stored', synchronous: false, steps: [{ name: 'echo', ...echo }], spec: { requests: kept } },
    {
      name: 'ordered',
      synchronous: true,
      steps: [{ name: 'echo', ...echo }],
      spec: { ordering: 'key', requests: { ttl: 'PT5S', deduplicate: true } }
    },
    { name: 'hostile', synchronous: true, steps: [{ name: 'fuzz', ...fuzz }] },
    {
      name: 'hostile-chain',
      synchronous: true,
      steps: [
        { name: 'fuzz', ...fuzz, onFailure: { fallback: { uri: `${step}/fuzz` } } },
        {
          name: 'look',
          when: 'data.a = 1',
          transform: '$merge([$, {"data": {"seen": $string(data)}}])',
          onFailure: 'continue'
        },
        { name: 'echo', ...echo }
      ]
    },
    {
      name: 'hostile-stored',
      synchronous: false,
      steps: [
        { name: 'echo', ...echo },
        { name: 'fuzz', ...fuzz }
      ],
      spec: { requests: kept, delivery: { ...delivery, deadLetterSink: { uri: `${step}/fuzz` } } }
    },
    {
      name: 'hostile-reply',
      synchronous: false,
      steps: [{ name: 'fuzz', ...fuzz, reply: 'json' }],
      spec: { requests: kept, reply: { uri: `${step}/fuzz` } }
    }
  ]
}

/** The definitions of what is fuzzed, and of one pipeline that an honest caller uses meanwhile. */
export function fuzzedPipelines(stepUrl: string, sideUrl: string): string {
  const side: FuzzedPipeline = { name: 'side', synchronous: true, steps: [{ uri: sideUrl }] }
  return [...pipelinesOf(stepUrl), side].map(definition).join('\n---\n')
}

const definition = ({ name, steps, spec }: FuzzedPipeline): string =>
  JSON.stringify({
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ServingPipeline',
    metadata: { name },
    spec: { limits, delivery, headers: { propagate: ['authorization', 'x-fuzz'] }, ...spec, steps }
  })
