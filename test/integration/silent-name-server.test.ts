import { expect, it } from 'vitest'
import { createNameResolver } from '../../src/delivery/names/resolve-name.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startNameServer } from '../helpers/name-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** More names than the machine's own lookup has threads. */
const silent = Array.from({ length: 8 }, (_, i) => `silent-${i}.test`)

/**
 * A regression: a step whose name server says nothing took the threads in which every name was looked up, and the callers
 * of other pipelines got 504 after ten seconds.
 */
it('steps whose name server is silent hold up no other pipeline', async () => {
  await using server = await startNameServer({
    ...Object.fromEntries(silent.map(name => [name, 'silence' as const])),
    'model.test': ['127.0.0.1']
  })
  await using step = await startEchoStep()
  const branches = silent.map((name, i) => ({ name: `b${i}`, steps: [{ uri: `http://${name}/` }] }))
  await using gateway = await startTestGateway({
    steps: [{ parallel: { branches } }],
    others: [definitionText('healthy', [step.url.replace('127.0.0.1', 'model.test')])],
    overrides: {
      resolveName: createNameResolver({ hostsFile: '/nowhere', resolvConf: '/nowhere', servers: [server.address] })
    }
  })
  const leave = new AbortController()
  const stuck = gateway.post('{}', { signal: leave.signal }).catch(() => undefined)
  const asked = (name: string): boolean => server.questions.includes(`A ${name}`)
  await waitFor(() => silent.every(asked), { what: 'a question for each silent name' })
  for (let i = 0; i < 20; i++) {
    const healthy = fetch(`${gateway.url}/default/healthy`, { method: 'POST', body: 'hello' })
    const first = await Promise.race([healthy, stuck])
    expect([first?.status, first?.url]).toEqual([200, `${gateway.url}/default/healthy`])
  }
  expect(server.questions.filter(question => question === 'A model.test')).toHaveLength(1)
  leave.abort()
  expect(await stuck).toBeUndefined()
})
