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

/** Moves the slot of the key to another node key by key, as `redis-cli --cluster reshard` does; answers how many keys went. */
export async function moveSlot({ nodes }: RedisCluster, key: string): Promise<number> {
  using clients = new DisposableStack()
  const masters = await Promise.all(
    nodes.map(async ({ url, port }) => {
      const client = clients.adopt(new Redis(url), each => each.disconnect())
      return { client, port, id: String(await client.call('CLUSTER', 'MYID')) }
    })
  )
  const slot = Number(await masters[0]?.client.call('CLUSTER', 'KEYSLOT', key))
  const counts = await Promise.all(masters.map(({ client }) => client.call('CLUSTER', 'COUNTKEYSINSLOT', slot)))
  const from = masters[counts.findIndex(count => Number(count) > 0)]
  const to = masters.find(master => master !== from)
  if (from === undefined || to === undefined) throw new Error(`no node has a key in slot ${slot}`)
  await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
  await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
  let moved = 0
  for (;;) {
    const keys = await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, 5)
    if (!Array.isArray(keys) || keys.length === 0) break
    // Without REPLACE: a key that is on both nodes is a fault.
    await from.client.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys.map(String))
    moved += keys.length
  }
  for (const { client } of [to, from, ...masters]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
  return moved
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
