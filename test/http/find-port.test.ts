import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { findPort } from '../../src/http/find-port.ts'

test('a found port is none that an outgoing connection may take', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => findPort('127.0.0.1', 0)))
  for (const port of ports) expect(port).toBeLessThan(32_768)
  expect(new Set(ports).size).toBeGreaterThan(1)
})

test('a port that somebody listens on is refused', async () => {
  const port = await findPort('127.0.0.1', 0)
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  await expect(findPort('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE', port })
  server.close()
  await once(server, 'close')
  expect(await findPort('127.0.0.1', port)).toBe(port)
})
