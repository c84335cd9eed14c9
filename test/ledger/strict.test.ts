import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'

it('a strict gateway does not start on a Redis that evicts what has a time to live, and says what to set', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  const client = new Redis(server.url)
  const config = testConfig({ store: server.url, durability: 'strict' })
  await client.config('SET', 'maxmemory-policy', 'volatile-ttl')
  await expect(startGateway(config)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(
      /^--durability strict: redis .* volatile-ttl.*may evict replies and idempotency keys; set noeviction$/
    )
  })
  await client.config('SET', 'maxmemory-policy', 'noeviction')
  client.disconnect()
  await using gateway = await startGateway(config)
  expect(gateway.store).toContain('maxmemory-policy noeviction')
})
