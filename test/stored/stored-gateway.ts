import type { RequestLinks, StatusDocument } from '../../src/ledger/record/status-document.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** The body of a 202. */
export interface AcceptedBody {
  readonly id: string
  readonly status: string
  readonly links: RequestLinks
}

export interface StoredGateway extends TestGateway {
  /** POSTs with `Prefer: respond-async`, and gives what the 202 says. */
  accept(body?: string, headers?: Record<string, string>): Promise<AcceptedBody>
  /** Calls a path of the data plane; by GET, if nothing else is said. */
  call(path: string, init?: RequestInit): Promise<Response>
  status(id: string): Promise<StatusDocument>
  /** The status document once it says so. */
  until(id: string, status: StatusDocument['status']): Promise<StatusDocument>
}

/** The real gateway with a named store; it gives up what is in flight at once when it is disposed. */
export async function startStoredGateway(
  store: string,
  { config, ...options }: TestGatewayOptions
): Promise<StoredGateway> {
  const gateway = await startTestGateway({ ...options, config: { store, shutdownGraceMs: 0, ...config } })
  const call = (path: string, init?: RequestInit): Promise<Response> => fetch(gateway.url + path, init)
  const status = async (id: string): Promise<StatusDocument> => {
    const answer = await call(`/default/test/requests/${id}`)
    if (answer.status !== 200) throw new Error(`the status of ${id} is answered with ${answer.status}`)
    return (await answer.json()) as StatusDocument
  }
  return {
    ...gateway,
    call,
    status,
    accept: async (body, headers) => {
      const answer = await gateway.post(body, { headers: { prefer: 'respond-async', ...headers } })
      if (answer.status !== 202) throw new Error(`not accepted: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as AcceptedBody
    },
    until: (id, wanted) =>
      waitFor(
        async () => {
          const document = await status(id)
          return document.status === wanted && document
        },
        { what: `${id} to be ${wanted}` }
      )
  }
}
