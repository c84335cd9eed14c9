import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startRedis } from './redis-server.ts'

it.each([
  ['nothing', []],
  ['everything, when its arguments say so,', ['--appendonly', 'yes', '--appendfsync', 'always']]
])('keeps %s over a crash and a restart on the same port', async (_, args) => {
  await using server = await startRedis({ args })
  const client = new Redis(server.url)
  await client.set('a', '1')
  await server.kill9()
  await server.restart()
  expect(await client.get('a')).toBe(args.length === 0 ? null : '1')
  client.disconnect()
})

it('answers nothing while it is stopped', async () => {
  await using server = await startRedis()
  const client = new Redis(server.url, { commandTimeout: 200 })
  expect(await client.ping()).toBe('PONG')
  server.stop()
  await expect(client.ping()).rejects.toThrow('Command timed out')
  server.cont()
  expect(await client.ping()).toBe('PONG')
  client.disconnect()
})

it('fails with its own words when it cannot start', async () => {
  await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow('no-such-option')
})
