import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { api, pathOf } from '../control/apis.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { callHonestly, type HonestCalls } from '../storm/honest-callers.ts'
import { startModel, startWatchedGateway, type WatchedGateway } from './watched-gateway.ts'

export interface EditStormOptions {
  /** Edits of one file. */
  readonly edits: number
  /** Pipelines that are made and deleted meanwhile. */
  readonly pipelines: number
  readonly connections: number
  readonly quietMs: number
}

export interface EditStormFigures {
  readonly quiet: HonestCalls
  readonly storm: HonestCalls
  readonly stormMs: number
  /** Resident, in MiB: after the quiet time, and when the storm is over. */
  readonly memory: { readonly before: number; readonly after: number }
  /** Generations that were made of the edits: each was compiled once. */
  readonly generations: number
}

/** Two edits are so far apart, in milliseconds. */
const paceMs = 4
const oneIn = 10

/** Edits of one file, and pipelines that come and go, while others call a pipeline that nobody edits. */
export async function runEditStorm({
  edits,
  pipelines,
  connections,
  quietMs
}: EditStormOptions): Promise<EditStormFigures> {
  await using model = await startModel()
  const loaded = definitionText('loaded', [`${model.url}/slow`])
  await using gateway = await startWatchedGateway({ 'loaded.json': loaded, 'edited.json': textOf(0) })
  const url = `${gateway.url}/default/loaded`
  await callHonestly(url, connections, quietMs / 4)
  const quiet = await callHonestly(url, connections, quietMs)
  const before = await gateway.resident()
  const over = new AbortController()
  const startedAt = performance.now()
  const calls = callHonestly(url, connections, over.signal)
  await Promise.all([edit(gateway, edits), comeAndGo(gateway, pipelines, edits * paceMs)])
  const generations = await generationOf(gateway, edits)
  const stormMs = performance.now() - startedAt
  over.abort()
  const storm = await calls
  return { quiet, storm, stormMs, memory: { before, after: await gateway.resident() }, generations }
}

const textOf = (edit: number): string => definitionText('edited', [`http://127.0.0.1:9/${edit}`])

/** In place, and by another file that takes its name. */
async function edit({ definitions }: WatchedGateway, edits: number): Promise<void> {
  const file = join(definitions.path, 'edited.json')
  for (let i = 1; i <= edits; i++) {
    if (i % oneIn === 0) await rename(await definitions.write('edited.tmp', textOf(i)), file)
    else await writeFile(file, textOf(i))
    await delay(paceMs)
  }
}

async function comeAndGo({ definitions }: WatchedGateway, pipelines: number, ms: number): Promise<void> {
  const pauseMs = ms / pipelines / 2
  for (let i = 0; i < pipelines; i++) {
    const file = await definitions.write(`p${i}.json`, definitionText(`p${i}`, ['http://127.0.0.1:9/x']))
    await delay(pauseMs)
    await rm(file)
    await delay(pauseMs)
  }
}

/** The number of the last edit's generation, as soon as it serves. */
async function generationOf(gateway: WatchedGateway, edits: number): Promise<number> {
  return waitFor(
    async () => {
      const { body } = await api(gateway, 'GET', pathOf('edited'))
      return body.spec?.steps[0].uri === `http://127.0.0.1:9/${edits}` && body.metadata.generation
    },
    { what: 'the last edit' }
  )
}
