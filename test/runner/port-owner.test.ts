import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { portOwner } from '../../src/runner/port-owner.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { aProcess, startRunner } from './step-runner.ts'

const hasIPv6 = Object.values(networkInterfaces()).some(addresses => addresses?.some(({ family }) => family === 'IPv6'))
const everyAddress = ['127.0.0.1', '0.0.0.0', ...(hasIPv6 ? ['::', '::ffff:127.0.0.1'] : [])]

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve))

/** Tells its port, and waits before it binds it the first time; that the port is taken then does not end it. */
const slowToBind = `
  const { existsSync, writeFileSync } = require('node:fs')
  const server = require('node:http').createServer((request, response) => response.end('the step'))
  server.on('error', () => {})
  const bind = () => server.listen(process.env.PORT, process.env.HOST)
  if (existsSync('port')) bind()
  else {
    writeFileSync('port', process.env.PORT)
    setInterval(() => existsSync('taken') && bind(), 20).ref()
  }`

describe('a step process', () => {
  it.each(everyAddress)('is not ready, and gets another port, when a neighbour has taken its own at %s', async host => {
    await using folder = await createTempFolder()
    await using runner = startRunner(aProcess(slowToBind, { cwd: folder.path }))
    const port = await waitFor(() => readFile(join(folder.path, 'port'), 'utf8'), { what: 'the port' })
    let connections = 0
    await using neighbour = createServer(socket => {
      connections++
      socket.destroy()
    })
    await listen(neighbour, Number(port), host)
    await folder.write('taken', '')
    const url = await runner.ready()
    expect(new URL(url).port).not.toBe(port)
    expect(await (await fetch(url)).text()).toBe('the step')
    const before = connections
    expect(runner.warnings).toContainEqual(
      expect.objectContaining({ reason: `found another process listening at its PORT (${port})` })
    )
    expect(connections).toBe(before)
  })

  it.each(everyAddress)('is ready when it listens at %s', async host => {
    const script = `require('node:http').createServer((_, response) => response.end('own')).listen(process.env.PORT, '${host}')`
    await using runner = startRunner(aProcess(script))
    expect(await (await fetch(await runner.ready())).text()).toBe('own')
  })

  it.each([
    ['what it started', '{}'],
    ['what it started in another session', '{ detached: true }']
  ])('is ready when %s listens', async (_who, options) => {
    const server = `require('node:http').createServer((_, response) => response.end('child')).listen(process.env.PORT, '127.0.0.1'); process.on('disconnect', () => process.exit())`
    const script = `
      const stdio = ['ignore', 'ignore', 'ignore', 'ipc']
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { ...${options}, stdio })`
    await using runner = startRunner(aProcess(script))
    expect(await (await fetch(await runner.ready())).text()).toBe('child')
  })
})

describe('the owner of a port', () => {
  it('is nobody while nobody listens there', async () => {
    await using server = createServer()
    await listen(server, 0, '127.0.0.1')
    expect(await portOwner(1, process.pid)).toBe('nobody')
  })

  it('is not known where the machine does not say', async () => {
    await using folder = await createTempFolder()
    expect(existsSync(join(folder.path, 'net'))).toBe(false)
    expect(await portOwner(1, process.pid, folder.path)).toBe('unknown')
  })
})
