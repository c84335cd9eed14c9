import { setTimeout as delay } from 'node:timers/promises'
import type { FuzzedGateway } from './fuzzed-gateway.ts'

export interface MemoryFigures {
  /** The least resident memory in the second quarter and in the last one, in MiB: what lies between them is kept. */
  readonly early: number
  readonly late: number
  readonly most: number
}

export interface MemoryWatch extends Disposable {
  figures(): MemoryFigures
}

const everyMs = 1_000
const mebibyte = 1024 * 1024

/** Looks at the memory of a gateway until it is disposed. */
export function watchMemory(gateway: FuzzedGateway): MemoryWatch {
  const samples: number[] = []
  const stopped = new AbortController()
  void sample(gateway, samples, stopped.signal)
  return {
    figures() {
      const quarter = Math.floor(samples.length / 4)
      return {
        early: Math.min(...samples.slice(quarter, 2 * quarter)),
        late: Math.min(...samples.slice(3 * quarter)),
        most: Math.max(...samples)
      }
    },
    [Symbol.dispose]: () => stopped.abort()
  }
}

async function sample(gateway: FuzzedGateway, samples: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && gateway.ended === undefined) {
    const resident = await gateway.total('process_resident_memory_bytes').catch(() => undefined)
    if (resident !== undefined) samples.push(resident / mebibyte)
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
