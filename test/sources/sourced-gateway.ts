import { Redis } from 'ioredis'
import type { GatewayConfig } from '../../src/config.ts'
import { startGateway } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { testConfig, type StepText } from '../helpers/gateway.ts'
import type { RedisServer } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

/** The text of a Pipeline of the name `test`. */
export const sourcedText = (spec: Record<string, unknown>, name = 'test'): string =>
  JSON.stringify({ apiVersion: 'sluice.dev/v1alpha1', kind: 'Pipeline', metadata: { name }, spec })

export interface SourcedGateway extends AsyncDisposable {
  readonly gateway: Gateway
  /** Of the file with the definition. */
  readonly file: string
  readonly store: string
}

/** The real gateway with one Pipeline, `default/test`, and a store in a folder of its own. */
export async function startSourced(
  steps: readonly StepText[],
  spec: Record<string, unknown>,
  config: Partial<GatewayConfig> = {}
): Promise<SourcedGateway> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const written = steps.map(step => (typeof step === 'string' ? { uri: step } : step))
  const file = await folder.write('test.json', sourcedText({ steps: written, ...spec }))
  const store = config.store ?? `sqlite:${folder.path}/test.db`
  const gateway = opened.use(await startGateway(testConfig({ files: [file], store, ...config })))
  const owned = opened.move()
  return { gateway, file, store, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A client of the test's own. */
export function connect({ url }: Pick<RedisServer, 'url'>): Redis & AsyncDisposable {
  const client = new Redis(url, { lazyConnect: false })
  return Object.assign(client, {
    [Symbol.asyncDispose]: async () => {
      await client.quit()
    }
  })
}
