import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { placeOf, servingText } from '../sources/coexisting.ts'
import { sourcedText } from '../sources/sourced-gateway.ts'
import { api } from '../control/apis.ts'
import { sluice } from './sluice.ts'

it('applies both kinds of one name, whichever has the steps, shows both, and pauses them by the ServingPipeline', async () => {
  await using folder = await createTempFolder()
  await using gateway = await startGateway(testConfig({}))
  const admin = ['--admin', gateway.adminUrl]
  const sourced = sourcedText({ steps: [{ transform: 'data' }], sinks: [{ name: 'seen', log: {} }] })
  await folder.write('all.yaml', `${servingText(undefined, { deadline: '5s' })}\n---\n${sourced}`)
  const applied = await sluice(['apply', 'all.yaml', ...admin], { cwd: folder.path })
  expect(applied).toEqual({ code: 0, stdout: 'pipeline/test created\ntest created\n', stderr: '' })
  const again = await sluice(['apply', 'all.yaml', ...admin], { cwd: folder.path })
  expect(again.stdout).toBe('pipeline/test unchanged\ntest unchanged\n')
  const { stdout } = await sluice(['get', ...admin])
  const rows = stdout.trimEnd().split('\n').slice(1)
  expect(rows.map(row => row.split(/ {2,}/).slice(0, 3))).toEqual([
    ['test', 'Running', 'True'],
    ['pipeline/test', 'Running', 'True']
  ])
  expect((await sluice(['top', ...admin])).stdout).toContain('pipeline/test')
  const refused = await sluice(['pause', 'pipeline/test', ...admin])
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ServingPipeline')])
  expect((await sluice(['pause', 'test', ...admin])).stdout).toMatch(/^test Paus(ing|ed)\n$/)
  expect((await sluice(['delete', 'pipeline/test', ...admin])).stdout).toBe('pipeline/test Deleting\n')
  const { status } = (await api(gateway, 'GET', placeOf('servingpipelines'))).body
  expect([status.taken, status.conditions[1].reason]).toEqual([['steps'], 'DefinitionGone'])
})
