import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { startCli } from '../helpers/cli.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { createGate } from '../helpers/gate.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { storeKinds, storesOf } from '../stored/stores.ts'
import { callOnce } from '../workers/gateway-with-workers.ts'
import { aDefinition, api, pathOf, statusWhen } from './apis.ts'

const startEcho = () => startStep(({ url }) => ({ body: url }))

const readyLine = /^sluice ready on (http:\/\/127\.0\.0\.1:\d+) \(admin (http:\/\/127\.0\.0\.1:\d+), store .+\)$/

async function run(store: string, cwd: string, files: readonly string[] = []) {
  const args = ['run', ...files, '--port', '0', '--admin-port', '0', '--store', store]
  const cli = await startCli(args, { cwd })
  const [, url = '', adminUrl = ''] = await cli.waitForLine(readyLine)
  return { cli, url, adminUrl, [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose]() }
}

const post = ({ url }: { readonly url: string }, name: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/default/${name}`, { method: 'POST', body: '{}', headers })

const lifecycle = (desiredPhase: string) => ({ spec: { lifecycle: { desiredPhase } } })

describe.each(storeKinds)('what the admin API was given, kept in %s', kind => {
  const newStore = storesOf(kind)

  it('survives a kill -9: what serves, what was deleted, what is paused, and commands', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    const store = newStore()
    const file = await folder.write('f.json', definitionText('f', [step.url]))
    {
      await using gateway = await run(store, folder.path, [file])
      for (const name of ['a', 'b', 'c']) {
        await api(gateway, 'PUT', pathOf(name), aDefinition(name, [`${step.url}/${name}`]))
      }
      await api(gateway, 'PATCH', pathOf('b'), lifecycle('Paused'))
      await api(gateway, 'PATCH', pathOf('f'), lifecycle('Paused'))
      expect((await api(gateway, 'DELETE', pathOf('c'))).status).toBe(202)
      gateway.cli.kill('SIGKILL')
      await gateway.cli.exit
    }
    await using gateway = await run(store, folder.path, [file])
    expect(await (await post(gateway, 'a')).text()).toBe('/a')
    for (const name of ['b', 'f']) {
      await statusWhen(gateway, name, ({ phase }) => phase === 'Paused')
      expect((await post(gateway, name)).status).toBe(503)
    }
    expect((await post(gateway, 'c')).status).toBe(404)
    await waitFor(async () => (await api(gateway, 'GET', pathOf('c'))).status === 404, { what: 'the end of c' })
    expect((await api(gateway, 'GET', pathOf('b'))).body.metadata).toMatchObject({
      generation: 1,
      resourceVersion: '2'
    })
  })

  it('holds requests of a pipeline that is deleted for one of the same name', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startGateway(testConfig({ store: newStore() }))
    const spec = { limits: { maxInFlight: 1 }, lifecycle: { pauseGracePeriodSeconds: 0 } }
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], spec))
    const links: string[] = []
    for (let i = 0; i < 2; i++) {
      links.push(String((await post(gateway, 'a', { prefer: 'respond-async' })).headers.get('location')))
    }
    await step.waitForRequests(1)
    await api(gateway, 'DELETE', pathOf('a'))
    await waitFor(async () => (await api(gateway, 'GET', pathOf('a'))).status === 404, { what: 'its end' })
    const statusOf = async (link = '') =>
      (await (await fetch(gateway.url + link)).json()) as { status: string; waiting?: { reason: string } }
    await waitFor(async () => (await statusOf(links[1])).waiting?.reason === 'pipeline', { what: 'why it waits' })
    gate.open()
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url]))
    for (const link of links) {
      await waitFor(async () => (await statusOf(link)).status === 'replied', { what: `the end of ${link}` })
    }
  })
})

describe('an edit', () => {
  it('of the retries alone takes effect', async () => {
    await using step = await startStep(503, 503, 200)
    await using gateway = await startGateway(testConfig({}))
    const put = (retry: number) =>
      api(gateway, 'PUT', pathOf('a'), aDefinition('a', [step.url], { delivery: { retry, backoffDelay: '1ms' } }))
    await put(0)
    expect((await post(gateway, 'a')).status).toBe(502)
    expect((await put(3)).body.metadata.generation).toBe(2)
    expect((await post(gateway, 'a')).status).toBe(204)
    expect(step.requests).toHaveLength(3)
  })

  it('of a paused pipeline is what serves when it is resumed', async () => {
    await using step = await startEcho()
    await using gateway = await startGateway(testConfig({}))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/1`]))
    await api(gateway, 'PATCH', pathOf('a'), lifecycle('Paused'))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Paused')
    const held = String((await post(gateway, 'a', { prefer: 'respond-async' })).headers.get('location'))
    await api(gateway, 'PATCH', pathOf('a'), { spec: { steps: [{ uri: `${step.url}/2` }] } })
    expect((await api(gateway, 'GET', `${pathOf('a')}/status`)).body.phase).toBe('Paused')
    await api(gateway, 'PATCH', pathOf('a'), lifecycle('Running'))
    await statusWhen(gateway, 'a', ({ phase }) => phase === 'Running')
    expect(await (await post(gateway, 'a')).text()).toBe('/2')
    const reply = await fetch(`${gateway.url}${held}/reply`, { headers: { prefer: 'wait=30' } })
    await waitFor(async () => (await fetch(`${gateway.url}${held}/reply`)).status === 200, { what: 'the reply' })
    // It finishes on the generation that accepted it.
    expect(await (await fetch(`${gateway.url}${held}/reply`)).text()).toBe('/1')
    await reply.body?.cancel()
  })
})

describe('a gateway that was killed', () => {
  it('serves the last known good set where its files are gone', async () => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definitionText('a', [`${step.url}/1`]))
    const store = `sqlite:${folder.path}/s.db`
    {
      await using gateway = await run(store, folder.path, [file, '--watch'])
      await writeFile(file, definitionText('a', [`${step.url}/2`]))
      await waitFor(async () => (await (await post(gateway, 'a')).text()) === '/2', { what: 'the edit' })
      gateway.cli.kill('SIGKILL')
      await gateway.cli.exit
    }
    await rm(file)
    const startedAt = performance.now()
    await using gateway = await run(store, folder.path, [file, '--watch'])
    const startMs = performance.now() - startedAt
    expect(await (await post(gateway, 'a')).text()).toBe('/2')
    expect(await (await fetch(`${gateway.adminUrl}/readyz?verbose`)).text()).toContain(
      'cannot be read, its last known good'
    )
    expect(startMs).toBeLessThan(30_000)
  })
})

describe('a gateway without files', () => {
  it.each([1, 2])('serves what the admin API gives it, with %i worker processes', async workers => {
    await using step = await startEcho()
    await using folder = await createTempFolder()
    await using gateway = await run('sqlite:s.db', folder.path, ['--workers', String(workers)])
    const answers = () =>
      Promise.all(
        Array.from({ length: 12 }, async () => {
          const answer = await callOnce(`${gateway.url}/default/a`, { method: 'POST', body: '{}' })
          return `${answer.status} ${answer.status === 200 ? answer.text : ''}`.trim()
        })
      )
    expect(new Set(await answers())).toEqual(new Set(['404']))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/1`]))
    expect(new Set(await answers())).toEqual(new Set(['200 /1']))
    await api(gateway, 'PUT', pathOf('a'), aDefinition('a', [`${step.url}/2`]))
    expect(new Set(await answers())).toEqual(new Set(['200 /2']))
    await api(gateway, 'DELETE', pathOf('a'))
    expect(new Set(await answers())).toEqual(new Set(['404']))
  })
})
