import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { api, apis } from '../control/apis.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { startFairClock } from '../helpers/fair-clock.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { callHonestly, type HonestCalls } from '../storm/honest-callers.ts'
import { startModel, startWatchedGateway, type WatchedGateway } from './watched-gateway.ts'

export interface ManyFigures {
  readonly start: WatchedGateway['start']
  /** Of the first page of a thousand. */
  readonly listMs: number
  /** From the edit of one until that serves. */
  readonly editMs: number
  readonly residentMiB: number
  readonly quiet: HonestCalls
  /** While others are edited, one a second. */
  readonly storm: HonestCalls
}

export interface ManyOptions {
  readonly pipelines: number
  readonly connections: number
  readonly ms: number
}

/** A folder with many pipelines of three steps, one of which is edited, and one is called. */
export async function manyPipelines({ pipelines, connections, ms }: ManyOptions): Promise<ManyFigures> {
  await using model = await startModel()
  const textOf = (i: number, edit = 0): string =>
    definitionText(`p${i}`, [`${model.url}/a${edit}`, `${model.url}/b`, `${model.url}/c`])
  const files = Object.fromEntries(Array.from({ length: pipelines }, (_, i) => [`p${i}.json`, textOf(i)]))
  await using gateway = await startWatchedGateway(files)
  const url = `${gateway.url}/default/p0`
  const quiet = await callHonestly(url, connections, ms / 2)
  const residentMiB = await gateway.resident()
  const listedAt = performance.now()
  await api(gateway, 'GET', `${apis}/servingpipelines?limit=1000`)
  const listMs = performance.now() - listedAt
  const calls = callHonestly(url, connections, ms)
  const editMs: number[] = []
  for (let edit = 1; edit <= ms / 2_000; edit++) {
    const edited = startFairClock(gateway.process.pid)
    await writeFile(join(gateway.definitions.path, 'p1.json'), textOf(1, edit))
    await waitFor(
      async () => {
        const { body } = await api(gateway, 'GET', `${apis}/namespaces/default/servingpipelines/p1`)
        return body.spec?.steps[0].uri === `${model.url}/a${edit}`
      },
      { what: 'the edit' }
    )
    editMs.push(edited.elapsed())
    await delay(1_000)
  }
  return { start: gateway.start, listMs, editMs: Math.max(...editMs), residentMiB, quiet, storm: await calls }
}
