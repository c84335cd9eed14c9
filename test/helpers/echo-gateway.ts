import { startEchoStep } from './echo-step.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts'
import { rawRequest } from './raw-client.ts'
import type { RawResponse } from './raw-response.ts'
import type { StepServer } from './step-server.ts'

export interface EchoGateway extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly step: StepServer
  /** POSTs to the pipeline with exactly these header lines. */
  raw(head: string, body?: string): Promise<RawResponse>
}

/** A gateway whose one step gives the data back. */
export async function startEchoGateway(options: Partial<TestGatewayOptions> = {}): Promise<EchoGateway> {
  await using opened = new AsyncDisposableStack()
  const step = opened.use(await startEchoStep())
  const gateway = opened.use(await startTestGateway({ steps: [step.url], ...options }))
  const owned = opened.move()
  return {
    gateway,
    step,
    raw: (head, body = '') =>
      rawRequest(gateway.url, `POST /default/test HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${body}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}
