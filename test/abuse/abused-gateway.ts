import { startCli } from '../helpers/cli.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

export interface AbusedGateway extends AsyncDisposable {
  readonly url: string
  /** The value of a gauge of its `/metrics` now; of the event loop's lag, the longest since it was asked last. */
  gauge(name: string): Promise<number>
  /** The sum of a gauge over all its labels. */
  sum(name: string): Promise<number>
}

/** A gateway in a process of its own, so that whatever happens to it does not happen to the test. */
export async function startAbusedGateway(...pipelines: readonly string[]): Promise<AbusedGateway> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const file = await folder.write('pipelines.yaml', pipelines.join('---\n'))
  const env = { SLUICE_LOG_LEVEL: 'error' }
  const gateway = opened.use(await startCli(['run', file, '--port', '0', '--admin-port', '0'], { env }))
  const [, url = '', adminUrl = ''] = await gateway.waitForLine(/sluice ready on (http:\S+) \(admin (http:[^\s,)]+)/)
  const owned = opened.move()
  const metrics = async (): Promise<string> => (await fetch(`${adminUrl}/metrics`)).text()
  return {
    url,
    async gauge(name) {
      const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(await metrics())?.[1]
      if (value === undefined) throw new Error(`the gateway has no metric ${name}`)
      return Number(value)
    },
    async sum(name) {
      const found = [...(await metrics()).matchAll(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'gm'))]
      if (found.length === 0) throw new Error(`the gateway has no metric ${name} with labels`)
      return found.reduce((sum, [, value]) => sum + Number(value), 0)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/**
 * The MiB that the same work leaves behind: the least that any of some rounds of it added, since a heap grows
 * to its working size in steps, while a leak grows in each round.
 */
export async function memoryLeftBy(gateway: AbusedGateway, work: () => Promise<unknown>): Promise<number> {
  const resident = async () => (await gateway.gauge('process_resident_memory_bytes')) / 1024 / 1024
  const growth: number[] = []
  for (let before = await resident(), round = 0; round < 5; round++) {
    await work()
    const after = await resident()
    growth.push(after - before)
    before = after
  }
  return Math.min(...growth)
}

/** A definition with these steps (YAML in one line each), and more of the spec as further lines. */
export function aPipeline(name: string, steps: string, ...spec: readonly string[]): string {
  const lines = [
    'apiVersion: sluice.dev/v1alpha1',
    'kind: ServingPipeline',
    `metadata: {name: ${name}}`,
    'spec:',
    ...[`steps: [${steps}]`, ...spec].map(line => `  ${line}`)
  ]
  return `${lines.join('\n')}\n`
}
