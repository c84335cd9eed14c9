import type { GatewayConfig } from '../../src/config.ts'
import { startGateway, type GatewayOverrides } from '../../src/gateway.ts'
import type { Gateway } from '../../src/gateway/head.ts'
import { createTempFolder } from './temp-folder.ts'

export interface TestGateway extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  /** POSTs to the pipeline `test`. */
  post(body?: string | Uint8Array<ArrayBuffer>, init?: PostInit): Promise<Response>
}

export interface PostInit {
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** A step as a person would write it; a string is its `uri`. */
export type StepText = string | Record<string, unknown>

export interface TestGatewayOptions {
  readonly steps: readonly StepText[]
  /** Fields of `spec` beside the steps. */
  readonly spec?: Record<string, unknown>
  readonly config?: Partial<GatewayConfig>
  /** Definitions of other pipelines, in the same file. */
  readonly others?: readonly string[]
  readonly overrides?: GatewayOverrides
}

/** A definition file with one pipeline, `default/test`. */
export const pipelineText = (steps: readonly StepText[], spec: Record<string, unknown> = {}): string =>
  JSON.stringify({
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ServingPipeline',
    metadata: { name: 'test' },
    spec: { ...spec, steps: steps.map(step => (typeof step === 'string' ? { uri: step } : step)) }
  })

/** The real gateway in this process, with one pipeline, `default/test`, and its default store in a folder of its own. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const { steps, spec, config, others = [], overrides } = options
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const file = await folder.write('test.yaml', [pipelineText(steps, spec), ...others].join('\n---\n'))
  const known = { files: [file], store: `sqlite:${folder.path}/test.db`, isStoreNamed: config?.store !== undefined }
  const gateway = opened.use(await startGateway(testConfig({ ...known, ...config }), overrides))
  return handle(gateway, opened.move())
}

/** The defaults, on free ports and silent; a store that is not among the changes opens when it is needed. */
export function testConfig(changes: Partial<GatewayConfig>): GatewayConfig {
  return {
    files: [],
    watch: false,
    host: '127.0.0.1',
    port: 0,
    adminHost: '127.0.0.1',
    adminPort: 0,
    adminToken: undefined,
    authToken: undefined,
    allowOrigin: [],
    egress: { kind: 'cluster' },
    resolve: new Map(),
    logLevel: 'silent',
    logFormat: 'json',
    logColor: false,
    store: 'sqlite::memory:',
    isStoreNamed: changes.store !== undefined,
    durability: 'default',
    workers: 1,
    maxProcesses: 64,
    bodyMemory: 256 * 1024 * 1024,
    shutdownGraceMs: 5_000,
    tracing: false,
    processEnv: process.env,
    ...changes
  }
}

function handle({ url, adminUrl }: Gateway, opened: AsyncDisposableStack): TestGateway {
  return {
    url,
    adminUrl,
    post: (body = '{"text":"hello"}', init = {}) =>
      fetch(`${url}/default/test`, {
        method: 'POST',
        body,
        ...init,
        headers: { 'content-type': 'application/json', ...init.headers }
      }),
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
}

/** Delivery that does not wait between attempts. */
export const atOnce = { backoffDelay: '1ms', backoffMax: '1ms' }
