import { describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const unused = { steps: ['http://127.0.0.1:9'] }
const verbose = async ({ adminUrl }: TestGateway): Promise<string> => (await fetch(`${adminUrl}/readyz?verbose`)).text()

describe('GET /readyz?verbose', () => {
  it('says what a 202 survives', async () => {
    await using gateway = await startTestGateway({ ...unused, config: { isStoreNamed: true } })
    expect(await verbose(gateway)).toMatch(/^\[i\] store: sqlite file .*: survives kill -9 and power loss/m)
    expect(await (await fetch(`${gateway.adminUrl}/readyz`)).text()).toBe('ok\n')
  })

  it('warns of a store that keeps nothing, and is ready all the same', async () => {
    await using gateway = await startTestGateway({ ...unused, config: { store: 'sqlite::memory:' } })
    const lines = (await verbose(gateway)).split('\n')
    expect(lines).toContain('[i] store: sqlite in memory: survives nothing')
    expect(lines).toContainEqual(expect.stringMatching(/^\[!\] store: accepted requests are lost/))
    expect(lines).toContain('ready')
  })

  it('says what the settings of a Redis server give', async () => {
    await using server = await startRedis()
    await using gateway = await startTestGateway({ ...unused, config: { store: server.url } })
    expect(await verbose(gateway)).toMatch(/^\[!\] store: .*appendonly/m)
  })

  it('says that the store is away for as long as it is, and is ready for those who wait for their replies', async () => {
    await using server = await startRedis()
    await using gateway = await startTestGateway({ ...unused, config: { store: server.url } })
    const outage = async () => /^\[!\] store: not available: .*$/m.exec(await verbose(gateway))?.[0]
    expect(await outage()).toBeUndefined()
    await server.kill9()
    const said = await waitFor(outage, { what: 'the outage to be told' })
    // The command that was under way may tell of it first.
    expect(said).toMatch(/^\[!\] store: not available: Redis (cannot be reached|did not answer in time)$/)
    const answer = await fetch(`${gateway.adminUrl}/readyz?verbose`)
    expect([answer.status, (await answer.text()).split('\n')]).toEqual([200, expect.arrayContaining(['ready'])])
    expect(await (await fetch(`${gateway.adminUrl}/readyz`)).text()).toBe('ok\n')
    await server.restart()
    await waitFor(async () => (await outage()) === undefined, { what: 'the end of the outage' })
  })
})
