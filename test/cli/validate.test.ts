import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { sluice } from './sluice.ts'

const pipeline = (name: string, step = 'uri: http://localhost:9101'): string =>
  `apiVersion: sluice.dev/v1alpha1\nkind: ServingPipeline\nmetadata: {name: ${name}}\nspec:\n  steps:\n    - ${step}\n`

it('says that a sound file has no faults', async () => {
  await using folder = await createTempFolder()
  await folder.write('one.yaml', pipeline('a'))
  await folder.write('two.yaml', `${pipeline('b')}---\n${pipeline('c')}`)
  expect(await sluice(['validate', 'one.yaml', 'two.yaml'], { cwd: folder.path })).toEqual({
    code: 0,
    stdout: 'one.yaml: 1 pipeline, no faults\ntwo.yaml: 2 pipelines, no faults\n',
    stderr: ''
  })
})

it('prints every fault of every file with its place, and fails', async () => {
  await using folder = await createTempFolder()
  await folder.write('pipelines/bad.yaml', pipeline('a', '{uri: http://localhost:9101, retry: 3, timeout: soon}'))
  await folder.write('pipelines/good.yaml', pipeline('b'))
  await folder.write('pipelines/same.yaml', pipeline('b'))
  const { code, stdout } = await sluice(['validate', 'pipelines'], { cwd: folder.path })
  expect(code).toBe(1)
  expect(stdout.split('\n')).toEqual([
    "pipelines/bad.yaml:6:36 spec.steps[0].retry: unknown field; did you mean 'delivery.retry'?",
    expect.stringMatching(/^pipelines\/bad\.yaml:6:55 spec\.steps\[0\]\.timeout: must be a duration/),
    'pipelines/good.yaml: 1 pipeline, no faults',
    expect.stringMatching(/^pipelines\/same\.yaml:3:18 metadata\.name: default\/b is defined in pipelines\/good\.yaml/),
    ''
  ])
})

it('warns where a nested pipeline has an access of its own, which does not hold there', async () => {
  await using folder = await createTempFolder()
  const inner = `${pipeline('inner')}  access: {allow: [{tokenName: shop}]}\n`
  await folder.write('all.yaml', `${pipeline('outer', '{pipeline: inner}')}---\n${inner}`)
  const warning = 'the access of default/inner does not hold here: whoever may call default/outer gets through to it'
  expect(await sluice(['validate', 'all.yaml'], { cwd: folder.path })).toEqual({
    code: 0,
    stdout: 'all.yaml: 2 pipelines, no faults\n',
    stderr: `warning: all.yaml:3 spec.steps[0].pipeline: ${warning}\n`
  })
  const { stdout } = await sluice(['validate', 'all.yaml', '-o', 'json'], { cwd: folder.path })
  expect(JSON.parse(stdout)).toMatchObject({ warnings: [{ pipeline: 'default/outer', message: warning }] })
})

it('reads stdin', async () => {
  await using folder = await createTempFolder()
  const stdin = await folder.write('any', pipeline('a'))
  const { code, stdout } = await sluice(['validate', '-'], { stdin })
  expect([code, stdout]).toEqual([0, 'stdin: 1 pipeline, no faults\n'])
})

it.each([
  { output: 'json', read: (text: string): unknown => JSON.parse(text) },
  { output: 'yaml', read: (text: string): unknown => parse(text) }
])('gives pipelines and faults as a document with -o $output', async ({ output, read }) => {
  await using folder = await createTempFolder()
  await folder.write('bad.yaml', `${pipeline('a')}---\n${pipeline('b', 'url: http://localhost:9101')}`)
  const { code, stdout } = await sluice(['validate', 'bad.yaml', '-o', output], { cwd: folder.path })
  expect([code, read(stdout)]).toMatchObject([
    1,
    {
      pipelines: [{ file: 'bad.yaml', namespace: 'default', name: 'a' }],
      faults: expect.arrayContaining([
        expect.objectContaining({
          file: 'bad.yaml',
          line: 13,
          column: 7,
          path: 'spec.steps[0].url',
          code: 'UNKNOWN_FIELD'
        })
      ])
    }
  ])
})

it('fails where there are no definitions', async () => {
  await using folder = await createTempFolder()
  expect(await sluice(['validate', 'nothing.yaml'], { cwd: folder.path })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'cannot read nothing.yaml: no such file or directory\n'
  })
  expect(await sluice(['validate', '.'], { cwd: folder.path })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'no definitions in .; they are named *.yaml, *.yml or *.json\n'
  })
})

it.each(['', '# only a comment\n', '---\n---\n'])('finds a fault in a file without a definition: %j', async text => {
  await using folder = await createTempFolder()
  await folder.write('empty.yaml', text)
  const { code, stdout } = await sluice(['validate', 'empty.yaml'], { cwd: folder.path })
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^empty\.yaml:1:1 there is no definition in the file; /)])
})

it('takes both kinds of one name, of one file or two, as one pipeline, and names a fault where it was written', async () => {
  await using folder = await createTempFolder()
  const head = 'apiVersion: sluice.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n'
  const sinks = '  sinks: [{name: seen, log: {}}]\n'
  const isSound = { code: 0, stdout: 'one.yaml: 1 pipeline, no faults\n', stderr: '' }
  await folder.write('one.yaml', `${pipeline('a')}---\n${head}${sinks}`)
  expect(await sluice(['validate', 'one.yaml'], { cwd: folder.path })).toEqual(isSound)
  await folder.write('serving.yaml', pipeline('a', '{name: sinks, transform: data}'))
  await folder.write('sourced.yaml', `${head}${sinks}`)
  const together = await sluice(['validate', 'serving.yaml', 'sourced.yaml'], { cwd: folder.path })
  expect([together.code, together.stdout.split('\n')[0]]).toEqual([
    1,
    "serving.yaml:6:14 spec.steps[0].name: must not be 'sinks', which the sinks of the Pipeline are called"
  ])
  const alone = await sluice(['validate', 'sourced.yaml'], { cwd: folder.path })
  expect([alone.code, alone.stdout]).toEqual([1, 'sourced.yaml:5:3 spec.steps: is required\n'])
  await folder.write('sourced.yaml', `${head}  steps: [{uri: nowhere}]\n`)
  await folder.write('serving.yaml', pipeline('a').replace(/ {2}steps:[^]*/, '  deadline: 5s\n'))
  const faulty = await sluice(['validate', 'serving.yaml', 'sourced.yaml'], { cwd: folder.path })
  expect(faulty.stdout).toMatch(/^serving\.yaml: 1 pipeline, no faults\nsourced\.yaml:5:17 spec\.steps\[0\]\.uri: /)
})
