import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { Ports } from '../../src/runner/ports.ts'
import { freePort, listenOnLoopback } from '../helpers/loopback.ts'

it('gives the wanted port while it is free', async () => {
  const port = await freePort()
  expect(await new Ports().take(port)).toBe(port)
})

it('gives another one when somebody listens at the wanted one', async () => {
  await using server = createServer()
  const port = await listenOnLoopback(server)
  expect(await new Ports().take(port)).not.toBe(port)
})

it('gives the wanted port to one of those who want it at once', async () => {
  const ports = new Ports()
  const port = await freePort()
  const given = await Promise.all([ports.take(port), ports.take(port)])
  expect(new Set(given).size).toBe(2)
  expect(given).toContain(port)
})

it('gives no port twice until it is released', async () => {
  const ports = new Ports()
  const port = await ports.take(undefined)
  expect(await ports.take(port)).not.toBe(port)
  ports.release(port)
  expect(await ports.take(port)).toBe(port)
})
