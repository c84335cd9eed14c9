import type { CountedPlaces } from './counted-places.ts'

/** It is the tests that kill, more often than a request that does so itself may come again. */
const maxDeliveries = 1_000

/** The pipeline through the counted places, for a gateway that a test starts. */
export const countedPipeline = (counted: CountedPlaces, maxInFlight: number) => ({
  steps: ['filter' as const, 'model' as const].map(name => ({ name, uri: counted.urlOf(name) })),
  spec: {
    reply: { uri: counted.urlOf('reply') },
    limits: { maxInFlight, maxDeliveries },
    delivery: { deadLetterSink: { uri: counted.urlOf('sink') } }
  }
})
