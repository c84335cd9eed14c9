import type { Structural } from './structural.ts'

const text = { type: 'string' } as const
const count = { type: 'integer', format: 'int64' } as const
const flag = { type: 'boolean' } as const
const anything = { 'x-kubernetes-preserve-unknown-fields': true } as const

const object = (properties: Readonly<Record<string, Structural>>): Structural => ({ type: 'object', properties })
const list = (items: Structural): Structural => ({ type: 'array', items, 'x-kubernetes-list-type': 'atomic' })

const condition: Structural = {
  ...object({
    type: text,
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: text,
    message: text,
    lastTransitionTime: { type: 'string', format: 'date-time' },
    observedGeneration: count
  }),
  required: ['type', 'status']
}

const step = object({
  name: text,
  path: text,
  desiredPhase: text,
  phase: text,
  instances: object({ desired: count, ready: count }),
  traffic: list(anything),
  breaker: text
})

/** The state that the controller writes. `replicas` and `selector` are those that the `scale` subresource shows. */
export const statusSchema: Structural = {
  ...object({
    phase: text,
    conditions: {
      type: 'array',
      items: condition,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type']
    },
    observedGeneration: count,
    generations: list(object({ generation: count, open: count })),
    steps: list(step),
    stepCount: count,
    inFlight: count,
    pending: count,
    deadLetters: count,
    url: text,
    address: object({ url: text }),
    drainedOnPause: flag,
    taken: list(text),
    replicas: { type: 'integer', format: 'int32' },
    selector: text
  })
}
