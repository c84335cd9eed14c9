import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { api, conditionOf, pathOf } from '../control/apis.ts'
import { startCli } from '../helpers/cli.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const unsent =
  'no token is sent for the audience "model" (step "model"), "dead" (the dead letter sink of step "model"), ' +
  '"spare" (the fallback of step "model"), "broker" (the reply destination): there is one on Kubernetes only'

/** The pipeline `test`, with an audience wherever a destination may have one. */
const definition = (url: string): string =>
  definitionText(
    'test',
    [{ name: 'model', uri: url, audience: 'model', onFailure: { fallback: { uri: url, audience: 'spare' } } }],
    {
      reply: { uri: url, audience: 'broker' },
      delivery: { deadLetterSink: { uri: url, audience: 'dead' } }
    }
  )

describe('an audience, where there is no token to send', () => {
  it('leaves the definition good, and is told in its status', async () => {
    await using step = await startStep(200)
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definition(step.url))
    await using gateway = await startGateway(testConfig({ files: [file] }))
    const { body } = await api(gateway, 'GET', `${pathOf('test')}/status`)
    expect(body.phase).toBe('Running')
    expect(conditionOf(body, 'Resolved')).toMatchObject({
      status: 'True',
      message: `every reference has an address; ${unsent}`
    })
  })

  it('is told in the log, once', async () => {
    await using step = await startStep(200)
    await using folder = await createTempFolder()
    const file = await folder.write('a.json', definition(step.url))
    const args = ['run', file, '--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:', '--log-format', 'json']
    await using gateway = await startCli(args)
    const told = () => gateway.output.stderr.split('\n').filter(line => line.includes('no token is sent'))
    await waitFor(() => told().length > 0, { what: 'the warning' })
    expect(told().map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 40, pipeline: 'default/test', msg: unsent })
    ])
  })

  it('sends nothing along, and says nothing where nothing has one', async () => {
    await using step = await startStep({ body: '{}' })
    await using folder = await createTempFolder()
    const steps = [{ uri: step.url, audience: 'model' }]
    const files = [
      await folder.write('a.json', definitionText('test', steps)),
      await folder.write('b.json', definitionText('plain', [step.url]))
    ]
    await using gateway = await startGateway(testConfig({ files }))
    await fetch(`${gateway.url}/default/test`, { method: 'POST', body: '{}' })
    expect(step.requests[0]?.headers).not.toHaveProperty('authorization')
    const { body } = await api(gateway, 'GET', `${pathOf('plain')}/status`)
    expect(conditionOf(body, 'Resolved').message).toBe('every reference has an address')
  })
})
