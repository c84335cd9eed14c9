import { Redis } from 'ioredis'
import { freePort } from '../helpers/loopback.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

export interface RedisCluster extends AsyncDisposable {
  readonly url: string
  readonly nodes: readonly RedisServer[]
}

const slots = 16_384

/** Three masters that share the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  await using opening = new AsyncDisposableStack()
  const busPorts = [await freePort(), await freePort(), await freePort()]
  const nodes: RedisServer[] = []
  for (const busPort of busPorts) nodes.push(opening.use(await startRedis({ args: clusterArguments(busPort) })))
  const clients = nodes.map(({ url }) => new Redis(url))
  opening.defer(() => clients.forEach(client => client.disconnect()))
  await Promise.all(clients.map((client, i) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)))
  await Promise.all(clients.map((client, i) => client.call('CLUSTER', 'ADDSLOTSRANGE', ...range(i, clients.length))))
  for (const [i, { port }] of nodes.entries())
    await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[i] ?? 0)
  await waitFor(async () => (await Promise.all(clients.map(isWhole))).every(Boolean), {
    what: 'the cluster to form',
    timeoutMs: 30_000
  })
  const owned = opening.move()
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

const clusterArguments = (busPort: number): string[] => [
  '--cluster-enabled',
  'yes',
  '--cluster-port',
  String(busPort),
  '--cluster-node-timeout',
  '2000'
]

const range = (i: number, count: number): [number, number] => [
  Math.floor((i * slots) / count),
  Math.floor(((i + 1) * slots) / count) - 1
]

async function isWhole(client: Redis): Promise<boolean> {
  const info = await client.cluster('INFO')
  return info.includes('cluster_state:ok') && info.includes('cluster_size:3')
}
