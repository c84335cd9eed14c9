import { setTimeout as delay } from 'node:timers/promises'
import { startStep } from '../../helpers/step-server.ts'

/** A server whose last segments are names of steps, which outlives the gateways and notes which event came to which step. */
export interface TrailSteps extends AsyncDisposable {
  urlOf(name: string): string
  /** The names of the steps that the event was at, in order. */
  trailOf(n: number): readonly string[]
}

/** `serviceMs` says how long a step works; each gives back what it got, the number of the event among it. */
export async function startTrailSteps(serviceMs: () => number): Promise<TrailSteps> {
  const trails = new Map<number, string[]>()
  const server = await startStep(async ({ url, body }) => {
    const { n }: { n: number } = JSON.parse(body.toString())
    const trail = trails.get(n) ?? []
    trail.push(url.slice(1))
    trails.set(n, trail)
    await delay(serviceMs())
    return { headers: { 'content-type': 'application/json' }, body }
  })
  return {
    urlOf: name => `${server.url}/${name}`,
    trailOf: n => trails.get(n) ?? [],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}
