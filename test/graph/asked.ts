import type { TestGateway } from '../helpers/gateway.ts'
import { storesOf, storeKinds } from '../stored/stores.ts'

/** A request lives in memory, or in a store. */
export const modes = ['in memory', ...storeKinds] as const

export type Mode = (typeof modes)[number]

/** To be called in `describe`: the configuration of a gateway with an empty store each time. */
export function configsOf(mode: Mode): () => { readonly store: string } {
  if (mode === 'in memory') return () => ({ store: 'sqlite::memory:' })
  const newStore = storesOf(mode)
  return () => ({ store: newStore() })
}

/** The answer to a caller who waits for the end. */
export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body where it is JSON. */
  readonly json: Record<string, unknown>
}

/** POSTs to the pipeline `test`, and waits for the end of the request in either mode. */
export async function ask(gateway: TestGateway, mode: Mode, body = '{"n":1}'): Promise<Asked> {
  const headers = mode === 'in memory' ? {} : { prefer: 'respond-async, wait=30' }
  const answer = await gateway.post(body, { headers })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: parse(text) }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
