import { expect, it } from 'vitest'
import { startFairClock } from '../helpers/fair-clock.ts'
import { startCli } from '../helpers/cli.ts'
import { createGate } from '../helpers/gate.ts'
import { pipelineText, startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const timeout = 60_000
const json = { 'content-type': 'application/json' }

/** `sluice run` on a store in the folder, with one pipeline. */
async function startGateway(folder: { readonly path: string }, env: Record<string, string> = {}) {
  const args = ['run', 'test.json', '--port', '0', '--admin-port', '0', '--store', 'sqlite:test.db']
  const gateway = await startCli(args, { cwd: folder.path, env })
  const [, url = '', adminUrl = ''] = await gateway.waitForLine(/^sluice ready on (\S+) \(admin ([^,]+),/)
  return { gateway, url, adminUrl, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
}

it('SIGTERM under load resets no request that had begun, and hands on what is stored', { timeout }, async () => {
  const gate = createGate()
  await using folder = await createTempFolder()
  await using step = await startStep(async () => {
    await gate.opened
    return { body: 'done' }
  })
  await folder.write('test.json', pipelineText([step.url], { limits: { maxInFlight: 4 } }))
  await using first = await startGateway(folder)
  const post = async (): Promise<string> => {
    const response = await fetch(`${first.url}/default/test`, { method: 'POST', body: '"slow"', headers: json })
    return `${response.status} ${await response.text()}`
  }
  const waiting = Promise.all(Array.from({ length: 20 }, post))
  const stored: string[] = []
  for (let i = 0; i < 20; i++) stored.push(await submit(first))
  await step.waitForRequests(24)
  first.gateway.kill('SIGTERM')
  await waitFor(async () => (await fetch(`${first.adminUrl}/readyz`)).status === 503, { what: 'the shutdown to begin' })
  gate.open()
  expect(new Set(await waiting)).toEqual(new Set(['200 done']))
  expect(await first.gateway.exit).toEqual({ code: 0, signal: null })
  await using second = await startGateway(folder)
  for (const id of stored) expect(await ended(second, id)).toMatchObject({ status: 'replied', deliveries: 1 })
  expect(step.requests).toHaveLength(40)
})

it('SIGTERM ends the intake, also while a caller keeps the gateway', { timeout }, async () => {
  const [stored, called] = [createGate(), createGate()]
  await using folder = await createTempFolder()
  await using step = await startStep(async ({ body }) => {
    await (body.includes('wait') ? called : stored).opened
    return { body: 'done' }
  })
  await folder.write('test.json', pipelineText([step.url], { limits: { maxInFlight: 1 } }))
  await using gateway = await startGateway(folder)
  const caller = fetch(`${gateway.url}/default/test`, { method: 'POST', body: '"wait"', headers: json })
  await submit(gateway)
  await step.waitForRequests(2)
  await submit(gateway)
  gateway.gateway.kill('SIGTERM')
  await waitFor(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 503, { what: 'the shutdown' })
  stored.open()
  const replied = `${gateway.adminUrl}/requests?status=replied`
  await waitFor(async () => (await (await fetch(replied)).text()).includes('"status":"replied"'), { what: 'the first' })
  called.open()
  expect((await caller).status).toBe(200)
  expect(await gateway.gateway.exit).toEqual({ code: 0, signal: null })
  expect(step.requests).toHaveLength(2)
})

it('what does not end within the grace period is handed back, and spends no delivery', { timeout }, async () => {
  await using folder = await createTempFolder()
  await using step = await startStep(() => new Promise<number>(() => {}), { body: 'done' })
  await folder.write('test.json', pipelineText([step.url]))
  await using first = await startGateway(folder, { SLUICE_SHUTDOWN_GRACE: '200ms' })
  const id = await submit(first)
  await step.waitForRequests(1)
  first.gateway.kill('SIGTERM')
  expect(await first.gateway.exit).toEqual({ code: 0, signal: null })
  await using second = await startGateway(folder)
  expect(await ended(second, id)).toMatchObject({ status: 'replied', deliveries: 1 })
})

it('stored requests and waiting callers share one grace period', { timeout }, async () => {
  await using step = await startStep(() => new Promise<number>(() => {}))
  await using gateway = await startTestGateway({ steps: [step.url], config: { shutdownGraceMs: 1_500 } })
  await submit(gateway)
  const caller = gateway.post().catch(() => 'cut')
  await step.waitForRequests(2)
  const clock = startFairClock()
  await gateway[Symbol.asyncDispose]()
  expect(clock.elapsed()).toBeLessThan(2_900)
  expect(await caller).toBe('cut')
})

it('a second signal ends it at once, and loses nothing', { timeout }, async () => {
  await using folder = await createTempFolder()
  await using step = await startStep(() => new Promise<number>(() => {}), { body: 'done' })
  await folder.write('test.json', pipelineText([step.url]))
  await using first = await startGateway(folder)
  const id = await submit(first)
  await step.waitForRequests(1)
  first.gateway.kill('SIGTERM')
  await waitFor(async () => (await fetch(`${first.adminUrl}/readyz`)).status === 503, { what: 'the shutdown to begin' })
  first.gateway.kill('SIGTERM')
  expect(await first.gateway.exit).toEqual({ code: 143, signal: null })
  await using second = await startGateway(folder)
  expect(await ended(second, id)).toMatchObject({ status: 'replied', deliveries: 2 })
})
