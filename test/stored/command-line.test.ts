import { describe, expect, it } from 'vitest'
import { sluice, type CliResult } from '../cli/sluice.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storesOf } from './stores.ts'

const run = ({ url, adminUrl }: StoredGateway, ...args: readonly string[]): Promise<CliResult> =>
  sluice(args, { env: { SLUICE_GATEWAY: url, SLUICE_ADMIN: adminUrl } })

describe('on the command line', () => {
  const newStore = storesOf('SQLite')

  it('a request that is not waited for long enough is accepted, listed and cancelled', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'slow', uri: step.url }] })
    const sent = await run(gateway, 'send', 'test', '-d', '{}', '--async', '--wait', '1')
    const id = sent.stdout.trim()
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    const listed = await run(gateway, 'requests', 'list', '--status', 'running', '-o', 'json')
    expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ id, status: 'running', step: 'slow' }] })
    expect((await run(gateway, 'requests', 'cancel', 'test', id)).code).toBe(0)
    expect(await gateway.status(id)).toMatchObject({ status: 'cancelled' })
  })

  it('a request that failed tells why', async () => {
    await using step = await startStep(418)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'teapot', uri: step.url }] })
    const { id } = await gateway.accept()
    await gateway.until(id, 'failed')
    const { stdout } = await run(gateway, 'requests', 'watch', 'test', id)
    expect(stdout).toMatch(/ failed .*"code":"STEP_FAILED".*"step":"teapot"/)
  })
})
