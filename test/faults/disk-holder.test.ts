import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startFairClock } from '../helpers/fair-clock.ts'
import { startCli } from '../helpers/cli.ts'
import { createGate } from '../helpers/gate.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoreScene } from './store-scene.ts'

it('refuses a file that another gateway holds, and takes over file and claims as soon as that one is killed', async () => {
  await using folder = await createTempFolder()
  const path = join(folder.path, 'test.db')
  const gate = createGate()
  await using holder = await startStoreScene({ store: `sqlite:${path}`, work: () => gate.opened })
  const accepted = await holder.post('work', { prefer: 'respond-async' })
  const { id }: { id: string } = JSON.parse(await accepted.text())
  await waitFor(() => holder.executions.get('work'), { what: 'the step to be called' })

  const args = ['run', holder.definition, '--port', '0', '--admin-port', '0', '--store', `sqlite:${path}`]
  await using refused = await startCli(args)
  expect(await refused.exit).toMatchObject({ code: 1 })
  const inUse = `${path} is in use by process ${holder.gateway.pid}: stop it, or give this gateway a store of its own`
  expect(refused.output.stderr).toContain(inUse)

  holder.gateway.kill('SIGKILL')
  await holder.gateway.exit
  await using next = await startCli(args)
  const [, url = ''] = await next.waitForLine(/^sluice ready on (http:\S+)/)
  const clock = startFairClock(next.pid)
  await waitFor(() => holder.executions.get('work') === 2, { what: 'the step to be called again' })
  // A lease lasts ten seconds: it was not waited for.
  expect(clock.elapsed()).toBeLessThan(8_000)
  gate.open()
  const look = async (): Promise<string> => (await fetch(`${url}/default/test/requests/${id}`)).text()
  await waitFor(async () => (await look()).includes('"replied"'), { what: 'the reply' })
  expect(JSON.parse(await look())).toMatchObject({ status: 'replied', deliveries: 2 })
})
