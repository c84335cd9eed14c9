import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { startCli } from '../helpers/cli.ts'
import { createGate } from '../helpers/gate.ts'
import { pipelineText, startTestGateway, testConfig, type TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connectReplica } from '../ledger/redis-ledgers.ts'

const shared = ['sluice_pending', 'sluice_oldest_age_seconds', 'sluice_watermark_lag_seconds', 'sluice_deadletters']

/** The values of the gauges that one replica shows, by their names. */
async function shownBy({ adminUrl }: Pick<TestGateway, 'adminUrl'>): Promise<Record<string, number>> {
  const lines = (await (await fetch(`${adminUrl}/metrics`)).text()).split('\n')
  const samples = lines.map(line => /^(\w+)(?:{pipeline="default\/test"})? (\S+)$/.exec(line) ?? [])
  return Object.fromEntries(
    samples.filter(([, name = '']) => shared.includes(name)).map(([, name, value]) => [name, Number(value)])
  )
}

const isShownBy = async (gateway: TestGateway): Promise<boolean> => 'sluice_pending' in (await shownBy(gateway))

async function accept(gateway: TestGateway, headers = {}): Promise<void> {
  const answer = await gateway.post('{}', { headers: { prefer: 'respond-async', ...headers } })
  expect(answer.status).toBe(202)
}

it('shows how much waits, since when, and the lag of the watermark', async () => {
  const gate = createGate()
  await using step = await startStep(async () => {
    await gate.opened
    return 200
  })
  await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxInFlight: 1 } } })
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString()
  await accept(gateway)
  await accept(gateway, {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/a',
    'ce-type': 'a',
    'ce-time': anHourAgo
  })
  const lag = async () => (await shownBy(gateway))['sluice_watermark_lag_seconds'] ?? NaN
  await waitFor(async () => (await lag()) >= 3_600, { what: 'the lag of the watermark' })
  const { sluice_oldest_age_seconds: age, ...shown } = await shownBy(gateway)
  expect(shown).toMatchObject({ sluice_pending: 1, sluice_deadletters: 0 })
  expect(age).toBeLessThan(600)
  gate.open()
  await waitFor(async () => (await shownBy(gateway))['sluice_watermark_lag_seconds'] === 0, {
    what: 'all to be settled'
  })
})

it('shows what is accepted soon after the store was opened, not only with the next regular look', async () => {
  await using step = await startStep(200)
  await using gateway = await startTestGateway({ steps: [step.url] })
  await accept(gateway)
  await waitFor(() => isShownBy(gateway), { what: 'one of the next looks', timeoutMs: 2_000 })
})

it('shows the buffers and the durability of a store before it is opened, if it is known', async () => {
  await using folder = await createTempFolder()
  const { write, path } = folder
  const file = await write('test.json', pipelineText(['http://127.0.0.1:9']))
  const args = ['run', file, '--port', '0', '--admin-port', '0']
  await using gateway = await startCli(args, { cwd: path })
  const [, adminUrl] = await gateway.waitForLine(/admin (http\S+), store .*opened when it is needed/)
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  expect(text.match(/^sluice_(buffer_usage|durability_level).*$/gm)).toEqual([
    'sluice_buffer_usage{buffer="intake"} 0',
    'sluice_buffer_usage{buffer="processing"} 0',
    'sluice_buffer_usage{buffer="output"} 0',
    'sluice_durability_level 3'
  ])
  await expect(access(`${path}/sluice.db`)).rejects.toThrow('ENOENT')
})

it.each([true, false])('opens a store at the start if it was named: %s', async isStoreNamed => {
  await using folder = await createTempFolder()
  const file = await folder.write('test.json', pipelineText(['http://127.0.0.1:9']))
  await using _ = await startGateway(testConfig({ files: [file], store: `sqlite:${folder.path}/a.db`, isStoreNamed }))
  expect(existsSync(`${folder.path}/a.db`)).toBe(isStoreNamed)
})

it('shows it on one of the replicas that share a store, and on another when that one is gone', async () => {
  await using server = await startRedis()
  await using step = await startStep(200)
  const options = { steps: [step.url], config: { store: server.url } }
  const replicas = [await startTestGateway(options), await startTestGateway(options)]
  try {
    await accept(replicas[0] ?? expect.fail())
    const shows = async () => Promise.all(replicas.map(isShownBy))
    await waitFor(async () => (await shows()).includes(true), { what: 'a replica to show the gauges' })
    const before = await shows()
    expect(before.filter(Boolean)).toHaveLength(1)
    const [elected] = replicas.splice(before.indexOf(true), 1)
    await elected?.[Symbol.asyncDispose]()
    await waitFor(async () => (await shows())[0], { what: 'the other replica to show them' })
  } finally {
    for (const replica of replicas) await replica[Symbol.asyncDispose]()
  }
})

it('shows it on another replica when the elected one dies, and not before its lease is over', async () => {
  await using server = await startRedis()
  await using ledger = await connectReplica(server.url, 'sluice')
  const began = performance.now()
  // The lease of one that died.
  await ledger.elect('watch-store', { owner: 'dead', leaseMs: 2_000 })
  await using step = await startStep(200)
  await using gateway = await startTestGateway({ steps: [step.url], config: { store: server.url } })
  await accept(gateway)
  await waitFor(() => isShownBy(gateway), { what: 'the gateway to take over', timeoutMs: 20_000 })
  expect(performance.now() - began).toBeGreaterThan(1_900)
}, 30_000)

it('logs each reading at debug', async () => {
  await using folder = await createTempFolder()
  await using step = await startStep(200)
  const file = await folder.write('test.json', pipelineText([step.url]))
  const args = ['run', file, '--port', '0', '--admin-port', '0', '--store', `sqlite:${folder.path}/test.db`]
  await using gateway = await startCli(args, { env: { SLUICE_LOG_LEVEL: 'debug' }, cwd: folder.path })
  const [, url] = await gateway.waitForLine(/ready on (\S+)/)
  await fetch(`${url}/default/test`, { method: 'POST', headers: { prefer: 'respond-async' } })
  await gateway.waitForLine(/"pipeline":"default\/test","queued":0,"claimed":0,.*"msg":"pending"/)
})
