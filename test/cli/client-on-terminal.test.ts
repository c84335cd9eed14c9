import { expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { folded, startOnTerminal } from './terminal.ts'

const name = 'a-pipeline-whose-name-takes-up-much-of-a-line'
const pipeline = `a-namespace-with-a-long-name/${name}`
const step = 'a-step-whose-name-takes-up-as-much-of-a-line'
const words = 'the picture has 0 pixels, which is too few to say what it shows; it needs at least 16 times 16 of them'

/** A gateway whose one pipeline, of two steps, has long names. */
async function startLongNames(first: StepServer, second = 'http://127.0.0.1:9') {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const file = await folder.write(
    'p.yaml',
    `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata: {name: ${name}, namespace: a-namespace-with-a-long-name}
spec:
  delivery: {retry: 0}
  steps:
    - {name: ${step}, uri: "${first.url}"}
    - {name: last, uri: "${second}", circuitBreaker: {volumeThreshold: 1, resetTimeout: PT60S}}
`
  )
  const { url, adminUrl } = opened.use(
    await startGateway(testConfig({ files: [file], store: `sqlite:${folder.path}/test.db` }))
  )
  const owned = opened.move()
  const env = { SLUICE_GATEWAY: url, SLUICE_ADMIN: adminUrl }
  return {
    /** Runs a command to its end on a terminal of 100 columns, and answers what that showed. */
    async show(...args: string[]): Promise<string> {
      await using terminal = await startOnTerminal(args, { env })
      await terminal.exit
      expect(folded(terminal.shown())).toEqual([])
      return terminal.shown()
    },
    start: (...args: string[]) => startOnTerminal(args, { env }),
    async accept(): Promise<string> {
      const answer = await fetch(`${url}/${pipeline}`, {
        method: 'POST',
        headers: { prefer: 'respond-async' },
        body: '{}'
      })
      return answer.headers.get('sluice-request-id') ?? ''
    },
    status: async (id: string): Promise<unknown> => (await fetch(`${url}/${pipeline}/requests/${id}`)).json(),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

it('folds nothing of a failure, a dead letter, a list and an empty one at 100 columns', async () => {
  await using refusing = await startStep({ status: 400, body: words })
  await using gateway = await startLongNames(refusing)
  expect(await gateway.show('requests', 'list')).toBe('no stored requests\n')
  expect(await gateway.show('deadletters', 'list')).toBe('no dead letters\n')
  expect(await gateway.show('deadletters', 'list', '--code', 'STEP_FAILED')).toBe('no dead letters like that\n')
  expect(await gateway.show('send', pipeline, '-d', '{}')).toMatch(/^ {2}answer of the step: the picture .*\n {4}/m)
  const id = await gateway.accept()
  await waitFor(async () => /failed/.test(JSON.stringify(await gateway.status(id))), { what: 'the failure' })
  expect(await gateway.show('requests', 'list')).toMatch(new RegExp(`^${id}  a-namesp\\S*…  failed `, 'm'))
  expect(await gateway.show('deadletters', 'show', id)).toMatch(/^its words {3}the picture .*\n {12}\S/m)
  expect(await gateway.show('requests', 'watch', id)).toMatch(/^[\d:.]{12} failed STEP_REJECTED: step "a-step/m)
})

it('folds nothing of a request that waits, and says for what', async () => {
  await using first = await startStep({ body: '{}' })
  await using gateway = await startLongNames(first)
  // The first opens the breaker, and the others wait for it.
  const failed = await gateway.accept()
  await waitFor(async () => /failed/.test(JSON.stringify(await gateway.status(failed))), { what: 'the failure' })
  const id = await gateway.accept()
  await waitFor(async () => /breaker/.test(JSON.stringify(await gateway.status(id))), { what: 'the hold' })
  await using watch = await gateway.start('requests', 'watch', id)
  await watch.waitForLine(/accepted at last waits while the circuit breaker of its step is open, until/)
  await watch.waitForLine(/^ {13}\S/)
  expect(folded(watch.shown())).toEqual([])
})

it('shows how far a bulk replay is in one line, and what Ctrl-C leaves', async () => {
  const gate = createGate()
  await using refusing = await startStep({ status: 400, body: words }, { status: 400, body: words }, async () => {
    await gate.opened
    return { body: '{}' }
  })
  await using gateway = await startLongNames(refusing, refusing.url)
  const ids = [await gateway.accept(), await gateway.accept()]
  for (const id of ids) {
    await waitFor(async () => /failed/.test(JSON.stringify(await gateway.status(id))), { what: 'the failure' })
  }
  await using replay = await gateway.start('deadletters', 'replay', '--pipeline', pipeline, '--rate', '1')
  await waitFor(() => / of 2 replayed/.test(replay.shown()), { what: 'the progress' })
  replay.interrupt()
  await replay.waitForLine(/^the replay goes on in the gateway; 'sluice deadletters stop/)
  expect(await replay.exit).toEqual({ code: 130, signal: null })
  expect(folded(replay.shown())).toEqual([])
  gate.open()
})
