import { startGateway } from '../../src/gateway.ts'
import type { GatewayConfig } from '../../src/config.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { apis, api, type ApiAnswer } from '../control/apis.ts'
import { pipelineText, testConfig, type StepText } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

/** The text of a ServingPipeline `test` that may leave its steps to the Pipeline. */
export const servingText = (steps: readonly StepText[] | undefined, spec: Record<string, unknown> = {}): string => {
  if (steps !== undefined) return pipelineText(steps, spec)
  const { spec: _, ...document } = JSON.parse(pipelineText([]))
  return JSON.stringify({ ...document, spec })
}

/** Where the definition of a kind is on the admin plane. */
export const placeOf = (plural: 'servingpipelines' | 'pipelines', name = 'test'): string =>
  `${apis}/namespaces/default/${plural}/${name}`

export interface Coexisting extends AsyncDisposable {
  readonly gateway: Gateway
  readonly store: string
  readonly folder: string
  /** Writes a file of the folder. */
  write(name: string, text: string): Promise<string>
}

/** The real gateway on a folder of definitions, with a store in another one. */
export async function startCoexisting(
  files: Readonly<Record<string, string>>,
  config: Partial<GatewayConfig> = {}
): Promise<Coexisting> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const stores = opened.use(await createTempFolder())
  for (const [name, text] of Object.entries(files)) await folder.write(name, text)
  const store = config.store ?? `sqlite:${stores.path}/test.db`
  const gateway = opened.use(await startGateway(testConfig({ files: [folder.path], store, watch: true, ...config })))
  const owned = opened.move()
  return {
    gateway,
    store,
    folder: folder.path,
    write: (name, text) => folder.write(name, text),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** The resource of a kind, as the admin plane shows it. */
export async function shown(
  gateway: Pick<Gateway, 'adminUrl'>,
  plural: 'servingpipelines' | 'pipelines'
): Promise<ApiAnswer['body']> {
  return (await api(gateway, 'GET', placeOf(plural))).body
}
