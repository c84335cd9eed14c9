import { request } from 'undici'
import { startRedis } from '../../helpers/redis-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { BenchContext } from '../bench-context.ts'
import { requestBody } from '../call-chain.ts'
import { comparisonTable, type Figure } from '../comparison.ts'
import { startGateway, startServer, type Contender } from '../contender.ts'
import { finishedRequests } from './finished-requests.ts'
import { respondAsync, writeStoredPipeline } from './stored-pipeline.ts'

const concurrency = 256
const connections = 64

interface QueueContender extends Contender {
  readonly finished: () => Promise<number>
}

interface Round {
  readonly acceptedPerSecond: number
  /** From the first request to the end of the last one. */
  readonly finishedPerSecond: number
}

/**
 * Requests accepted over HTTP, run, and finished with the model's answer kept: the gateway beside job queues on the same
 * Redis server (AOF, fsync each second), each of them one process that accepts and works. Redis does not rewrite its AOF
 * meanwhile: that takes one of few processors for seconds, from whoever happens to be measured, for what all have left.
 */
export async function benchQueues(context: BenchContext): Promise<string> {
  await using model = await startServer('ledger/bare-model.ts', [])
  await using redis = await startRedis({
    args: ['--appendonly', 'yes', '--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0']
  })
  await using folder = await createTempFolder()
  await writeStoredPipeline(folder, 'queued', model.url, concurrency)
  await using gateway = await startGatewayOn(context, folder.path, `${redis.url}/0`)
  await using bullmq = await startQueue('ledger/bullmq-server.ts', `${redis.url}/1`, model.url)
  await using jobQueue = await startQueue('ledger/job-queue-server.ts', `${redis.url}/2`, model.url)
  const rounds = new Map<string, Round[]>([
    ['gateway', []],
    ['BullMQ', []],
    ['job-queue', []]
  ])
  const contenders = { gateway, BullMQ: bullmq, 'job-queue': jobQueue }
  // Until the compiler has seen to all of them.
  for (let turn = 1; turn <= 3; turn++) {
    for (const contender of Object.values(contenders)) await runRound(context, contender)
  }
  // Short ones, and many: the speed of a shared machine changes within seconds.
  const roundCount = context.quick ? 4 : 24
  for (let round = 1; round <= roundCount; round++) {
    // There and back, so that each follows each of the others.
    const turns = Object.entries(contenders)
    for (const [name, contender] of round % 2 === 0 ? turns : turns.toReversed()) {
      const measured = await runRound(context, contender)
      rounds.get(name)?.push(measured)
      context.progress(`queues, round ${round} of ${roundCount}: ${name} ${Math.round(measured.finishedPerSecond)}/s`)
    }
  }
  const others = ['BullMQ', 'job-queue'].map(name => tableOf(name, rounds.get(name) ?? [], rounds.get('gateway') ?? []))
  return others.join('\n\n')
}

function tableOf(name: string, left: readonly Round[], right: readonly Round[]): string {
  const figure = (title: string, pick: (round: Round) => number): Figure => ({
    name: title,
    left: left.map(pick),
    right: right.map(pick)
  })
  const figures = [
    figure('accepted and finished: req/s', round => round.finishedPerSecond),
    figure('accepted: req/s', round => round.acceptedPerSecond)
  ]
  return comparisonTable({ title: `queues (Redis, ${concurrency} in flight)`, left: name, right: 'gateway', figures })
}

async function startGatewayOn({ main }: BenchContext, folder: string, store: string): Promise<QueueContender> {
  const gateway = await startGateway({ main, folder, store })
  return { ...gateway, finished: () => finishedRequests(gateway) }
}

async function startQueue(file: string, redis: string, model: string): Promise<QueueContender> {
  const server = await startServer(file, [redis, model, String(concurrency)])
  const finished = async () => Number(await (await request(`${server.url}/finished`)).body.text())
  return { ...server, finished }
}

/** Callers for some seconds, then the rest of what they left in the queue. */
async function runRound({ runLoad }: BenchContext, contender: QueueContender): Promise<Round> {
  const before = await contender.finished()
  const began = performance.now()
  const load = await runLoad({
    url: contender.url,
    paths: ['/bench/queued'],
    connections,
    seconds: 2,
    body: requestBody,
    headers: respondAsync
  })
  if (load.errors > 0) throw new Error(`${load.errors} requests were not accepted by ${contender.url}`)
  const what = `${load.requests} requests to be finished`
  await waitFor(async () => (await contender.finished()) - before >= load.requests, { what, timeoutMs: 300_000 })
  const finishedPerSecond = load.requests / ((performance.now() - began) / 1000)
  return { acceptedPerSecond: load.requestsPerSecond, finishedPerSecond }
}
