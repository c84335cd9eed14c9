import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import { afterEach, expect, it } from 'vitest'

// `delivery/breaker.ts` tells a closed breaker of calls that it did not carry, and turns the windows of all by one timer.
const rotation = new EventEmitter()
const circuit = new CircuitBreaker((run: () => Promise<void>) => run(), {
  timeout: false,
  volumeThreshold: 4,
  errorThresholdPercentage: 50,
  rollingCountBuckets: 2,
  rollingPercentilesEnabled: false,
  enableSnapshots: false,
  rotateBucketController: rotation
})
afterEach(() => circuit.shutdown())

it('counts what is emitted as what it carried itself, and forgets it as its window is turned', async () => {
  const fail = () => circuit.fire(() => Promise.reject(new Error('failed'))).catch(() => {})
  for (let i = 0; i < 4; i++) {
    circuit.emit('fire')
    circuit.emit('success', undefined, 0)
  }
  expect(circuit.stats).toMatchObject({ fires: 4, successes: 4, failures: 0 })
  for (let i = 0; i < 3; i++) await fail()
  expect(circuit.opened).toBe(false)
  for (let i = 0; i < 2; i++) rotation.emit('rotate')
  expect(circuit.stats).toMatchObject({ fires: 0, successes: 0, failures: 0 })
  for (let i = 0; i < 4; i++) await fail()
  expect(circuit.opened).toBe(true)
})
