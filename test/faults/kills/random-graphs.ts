import * as fc from 'fast-check'
import { setTimeout as delay } from 'node:timers/promises'
import { answersOf, graphs, type Graph } from '../../graph/random/graph.ts'
import { definitionsOf } from '../../graph/random/definition.ts'
import { meaningOf, outcomeOf, replyTo } from '../../graph/random/interpreter.ts'
import { startKillableGateway, startSuccessor, type ReachableGateway } from '../../helpers/killable-gateway.ts'
import { startStep } from '../../helpers/step-server.ts'
import { ended, submit } from '../../helpers/submit.ts'
import type { Audit } from './accounting.ts'
import type { FaultOptions } from '../fault-part.ts'
import { createRandom } from './random.ts'
import { stores, type StoreName } from './stores.ts'

export interface RandomGraphsOptions extends FaultOptions {
  readonly store: StoreName
  /** How many graphs; a gateway is killed for each. */
  readonly count: number
}

const requestsAtOnce = 8
const longestServiceMs = 15
const longestLifeMs = 120
const data = '{"n":1}'

/** Random graphs, each in a gateway that is killed while requests run; another one goes on. */
export async function runRandomGraphs({ store, count, seed, progress }: RandomGraphsOptions): Promise<Audit> {
  const random = createRandom(seed)
  const broken: string[] = []
  const figures = { graphs: count, requests: 0, 'of them under way at the kill': 0, calls: 0 }
  for (const [i, graph] of fc.sample(graphs, { seed, numRuns: count }).entries()) {
    const found = await runOne(graph, store, random)
    figures.requests += found.requests
    figures['of them under way at the kill'] += found.underWay
    figures.calls += found.calls
    broken.push(...found.broken.map(fault => `graph ${i} ${fault}: ${JSON.stringify(graph)}`))
    progress(`random graphs on ${store}: ${i + 1} of ${count}`)
  }
  return { figures, broken }
}

async function runOne(graph: Graph, storeName: StoreName, random: () => number) {
  const answers = answersOf(graph)
  const made: string[] = []
  await using server = await startStep(async ({ url, body }) => {
    const name = url.slice(1)
    made.push(`${name} ${body.toString()}`)
    await delay(random() * longestServiceMs)
    const answer = answers.get(name)
    if (answer === 'empty') return 204
    if (answer === 'fail') return 400
    return { headers: { 'content-type': 'application/json' }, body: replyTo(name, body.toString()) }
  })
  await using store = await stores[storeName].open()
  const [, ...others] = definitionsOf(graph, server.url)
  const { spec } = JSON.parse(definitionsOf(graph, server.url)[0] ?? '') as {
    spec: { steps: Record<string, unknown>[] }
  }
  const options = { steps: spec.steps, spec, others, store: store.url, leaseMs: 1_000 }
  const ids: string[] = []
  {
    await using killed = await startKillableGateway(options)
    for (let i = 0; i < requestsAtOnce; i++) ids.push(await submit(killed, { data: JSON.parse(data) }))
    await delay(random() * longestLifeMs)
    await killed.kill9()
  }
  await using next = await startSuccessor(options)
  const meaning = meaningOf(graph, data)
  const broken: string[] = []
  let underWay = 0
  for (const id of ids) {
    const end = await ended(next, id, 60_000)
    if (end.deliveries > 1) underWay++
    const outcome = await outcomeAt(next, id)
    const isMeant = meaning.outcomes.some(meant => JSON.stringify(meant) === JSON.stringify(outcome))
    if (!isMeant) broken.push(`came to ${JSON.stringify(outcome)}`)
  }
  const calls = new Set(made)
  for (const call of calls) if (!meaning.calls.has(call)) broken.push(`made the call ${call}`)
  if (meaning.exact)
    for (const call of meaning.calls) if (!calls.has(call)) broken.push(`did not make the call ${call}`)
  return { broken, requests: ids.length, underWay, calls: made.length }
}

/** The end of the request, as a caller is told it. */
async function outcomeAt({ url }: ReachableGateway, id: string) {
  const answer = await fetch(`${url}/default/test/requests/${id}/reply`)
  const text = await answer.text()
  if (answer.status === 200) return outcomeOf('replied', text)
  if (answer.status === 204) return outcomeOf('filtered', '')
  return outcomeOf('failed', (JSON.parse(text) as { step: string }).step)
}
