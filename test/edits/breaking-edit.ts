import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { api, pathOf } from '../control/apis.ts'
import { sluice } from '../cli/sluice.ts'
import { definitionText } from '../helpers/definition-text.ts'
import type { StepText } from '../helpers/gateway.ts'
import { startFairClock } from '../helpers/fair-clock.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { callHonestly } from '../storm/honest-callers.ts'
import { startModel, startWatchedGateway, type WatchedGateway } from './watched-gateway.ts'

export interface Broken {
  readonly what: string
  /** Until `status` said why, in milliseconds, without those that a busy machine takes away. */
  readonly toldMs: number
  readonly reason: string
  /** Of the condition. */
  readonly code: string
  /** The text of `sluice get` then. */
  readonly get: string
  /** Until the mended definition took effect, in milliseconds. */
  readonly mendedMs: number
  readonly failures: readonly string[]
  readonly answered: number
}

interface Breaking {
  readonly what: string
  readonly text: (good: string) => string
  /** Of the condition that says so. */
  readonly reason: string
}

const missing: StepText = { ref: { apiVersion: 'v1', kind: 'Service', name: 'nowhere' } }
const never: StepText = {
  run: { command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'], min: 1, readiness: { timeout: 'PT2S' } }
}

const breakings: readonly Breaking[] = [
  { what: 'no YAML', text: good => good.slice(0, -5), reason: 'Faulty' },
  { what: 'an unknown field', text: good => good.replace('"uri"', '"url"'), reason: 'Faulty' },
  { what: 'a ref that nothing resolves', text: () => definitionText('a', [missing]), reason: 'Unresolved' },
  { what: 'a process that never is ready', text: () => definitionText('a', [never]), reason: 'NewGenerationNotReady' }
]

/** Breaks a pipeline that is called all the time, in each way, and mends it again. */
export async function breakUnderLoad(connections: number): Promise<readonly Broken[]> {
  await using model = await startModel()
  const textOf = (n: number): string => definitionText('a', [`${model.url}/slow?${n}`])
  await using gateway = await startWatchedGateway({ 'a.json': textOf(0) })
  const file = join(gateway.definitions.path, 'a.json')
  const results: Broken[] = []
  for (const [i, { what, text, reason }] of breakings.entries()) {
    const over = new AbortController()
    const calls = callHonestly(`${gateway.url}/default/a`, connections, over.signal)
    await delay(300)
    const broken = startFairClock(gateway.process.pid)
    await writeFile(file, text(textOf(i)))
    const told = await waitFor(() => reasonIs(gateway, reason), { what: `the reason ${reason}` })
    const toldMs = broken.elapsed()
    const { stdout } = await sluice(['get', '--admin', gateway.adminUrl])
    const mended = startFairClock(gateway.process.pid)
    await writeFile(file, textOf(i + 1))
    await waitFor(() => serves(gateway, `?${i + 1}`), { what: 'the mended definition' })
    const mendedMs = mended.elapsed()
    over.abort()
    const { failures, answered } = await calls
    results.push({ what, toldMs, reason: told, code: reason, get: stdout, mendedMs, failures, answered })
  }
  return results
}

async function reasonIs(gateway: WatchedGateway, reason: string): Promise<string | undefined> {
  const { body } = await api(gateway, 'GET', `${pathOf('a')}/status`)
  const conditions: readonly { reason: string; message: string }[] = body.conditions
  return conditions.find(each => each.reason === reason)?.message
}

async function serves(gateway: WatchedGateway, query: string): Promise<boolean> {
  const { body } = await api(gateway, 'GET', pathOf('a'))
  const isReady = body.status.conditions[0].reason === 'Serving' && body.status.conditions[1].status === 'True'
  return isReady && body.spec.steps[0].uri?.endsWith(query) === true
}
