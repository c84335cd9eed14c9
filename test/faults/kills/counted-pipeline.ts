import type { CountedPlaces } from './counted-places.ts'

/** The pipeline through the counted places, for a gateway that a test starts. */
export const countedPipeline = (counted: CountedPlaces, maxInFlight: number) => ({
  steps: ['filter' as const, 'model' as const].map(name => ({ name, uri: counted.urlOf(name) })),
  spec: {
    reply: { uri: counted.urlOf('reply') },
    limits: { maxInFlight },
    delivery: { deadLetterSink: { uri: counted.urlOf('sink') } }
  }
})
