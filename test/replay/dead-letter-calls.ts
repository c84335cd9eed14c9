import type { TestGateway } from '../helpers/gateway.ts'

type WithAdmin = Pick<TestGateway, 'adminUrl'>

export interface ReplayAnswer {
  readonly id: string
  readonly repeated: boolean
}

async function call<T>({ adminUrl }: WithAdmin, path: string, method = 'GET'): Promise<T> {
  const response = await fetch(adminUrl + path, { method })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** The dead letter of a request, as the admin plane tells it. */
export const letterOf = (gateway: WithAdmin, id: string) =>
  call<{ readonly replayedAs?: string } & Record<string, unknown>>(gateway, `/deadletters/${id}`)

/** Has a dead letter replayed; `query` as in `?from=start`. */
export const replay = (gateway: WithAdmin, id: string, query = '') =>
  call<ReplayAnswer>(gateway, `/deadletters/${id}/replay${query}`, 'POST')

/** The ids of the dead letters that are open, oldest first. */
export async function openLetters(gateway: WithAdmin): Promise<string[]> {
  const { items } = await call<{ items: { id: string }[] }>(gateway, '/deadletters')
  return items.map(({ id }) => id)
}

export interface ReplayJobDocument {
  readonly id: string
  readonly status: 'running' | 'paused' | 'done'
  readonly replayed: number
}

/** Has all dead letters replayed, `rate` in a second; the id of the job. */
export async function beginReplay(gateway: WithAdmin, rate: number): Promise<string> {
  const { id } = await call<ReplayJobDocument>(gateway, `/deadletters/replay?rate=${rate}`, 'POST')
  return id
}

/** The state of a bulk replay. */
export const jobOf = (gateway: WithAdmin, id: string) => call<ReplayJobDocument>(gateway, `/replays/${id}`)
