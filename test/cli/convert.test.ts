import { expect, it } from 'vitest'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { sluice } from './sluice.ts'

const pipeline = `apiVersion: sluice.dev/v1alpha1
kind: Pipeline
metadata:
  name: feed
spec:
  steps:
    # the model
    - uri: http://a.test
  sinks:
    - name: out
      uri: http://b.test
`

it('prints definitions as those of another kind', async () => {
  await using folder = await createTempFolder()
  await folder.write('feed.yaml', pipeline)
  const printed = await sluice(['convert', 'feed.yaml', '--to', 'ServingPipeline'], { cwd: folder.path })
  expect(printed).toEqual({
    code: 0,
    stdout: `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata:
  name: feed
spec:
  steps:
    # the model
    - uri: http://a.test
  reply:
    uri: http://b.test
`,
    stderr: ''
  })
})

it('names what is not carried over, and exits with 3', async () => {
  await using folder = await createTempFolder()
  await folder.write('feed.yaml', pipeline.replace('uri: http://b.test', 'log: {}'))
  const { code, stderr } = await sluice(['convert', 'feed.yaml', '--to', 'ServingPipeline'], { cwd: folder.path })
  expect([code, stderr]).toEqual([
    3,
    'default/feed spec.sinks[0]: not carried over: the reply of a ServingPipeline goes to a uri or ref only\n'
  ])
})

it('says which kinds there are', async () => {
  await using folder = await createTempFolder()
  await folder.write('feed.yaml', pipeline)
  const { code, stderr } = await sluice(['convert', 'feed.yaml', '--to', 'Parallel'], { cwd: folder.path })
  expect([code, stderr]).toEqual([
    2,
    'this version of Sluice does not convert to Parallel yet; it converts to ServingPipeline and Pipeline\n'
  ])
})
