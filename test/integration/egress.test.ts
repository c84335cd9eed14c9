import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const delivery = { retry: 2, ...atOnce }

describe('egress', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://0xA9FEA9FE/',
    'http://2852039166/',
    'http://0251.0376.0251.0376/',
    'http://169.254.1/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/'
  ])('refuses link-local and metadata addresses, and does not try again: %s', async uri => {
    await using gateway = await startTestGateway({ steps: [{ uri, delivery }] })
    const response = await gateway.post()
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ code: 'EGRESS_REFUSED', step: 'step-1', attempts: 1 })
  })

  it('to the public refuses this machine and its networks', async () => {
    await using step = await startStep({ body: 'secret' })
    const steps = [{ uri: step.url.replace('127.0.0.1', 'localhost'), delivery }]
    await using gateway = await startTestGateway({ steps, config: { egress: { kind: 'public' } } })
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'EGRESS_REFUSED' })
    expect(step.connections).toBe(0)
  })

  it.each([{ kind: 'public' }, { kind: 'allow', entries: ['models.example'] }] as const)(
    'reaches the processes that the gateway runs itself under any rule: %j',
    async egress => {
      const script = `require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST)`
      const steps = [{ run: { command: ['node', '-e', script] } }]
      await using gateway = await startTestGateway({ steps, config: { egress } })
      await waitFor(async () => (await gateway.post()).status === 200, { what: 'the local step to answer' })
    }
  )

  it('with an allow-list reaches what is in it, and nothing else', async () => {
    await using step = await startStep({ body: 'ok' })
    const steps = [{ uri: step.url, delivery }]
    for (const [entries, status] of [
      [['127.0.0.0/8'], 200],
      [['10.0.0.0/8', 'models.example'], 502]
    ] as const) {
      await using gateway = await startTestGateway({ steps, config: { egress: { kind: 'allow', entries } } })
      expect((await gateway.post()).status).toBe(status)
    }
    expect(step.requests).toHaveLength(1)
  })
})
