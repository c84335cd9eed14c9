import { expect, it } from 'vitest'
import { explainExit } from '../../src/runner/explain-exit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

const started = { command: ['node', 'filter.ts'], cwd: '/', path: '/usr/bin' }

const cases: [string, number | undefined, string[], string][] = [
  ['a signal', 128 + 9, ['out of memory'], 'was ended by SIGKILL'],
  ['the end of the guard', undefined, [], 'was killed together with its guard'],
  ['a silent end', 3, [], 'ended with exit code 3'],
  ['the last words', 3, ['loading', 'no such model', ' '], 'ended with exit code 3: no such model'],
  [
    'a stack of Node',
    1,
    ['', 'TypeError [ERR_X]: not so', '    at main (file.js:1:1) {', "  code: 'ERR_X'", '}', '', 'Node.js v26.0.0'],
    'ended with exit code 1: TypeError [ERR_X]: not so'
  ],
  [
    'a traceback of Python',
    1,
    ['Traceback (most recent call last):', '  File "x.py", line 1', 'json.decoder.JSONDecodeError: Extra data', ''],
    'ended with exit code 1: json.decoder.JSONDecodeError: Extra data'
  ],
  ['a line without end', 1, ['x'.repeat(1000)], `ended with exit code 1: ${'x'.repeat(300)}`]
]

it.each(cases)('tells of %s', async (_name, code, stderr, reason) => {
  expect(await explainExit(started, code, stderr)).toBe(reason)
})

it('looks for a program with a slash in its folder', async () => {
  await using folder = await createTempFolder()
  const { path: cwd } = folder
  const command = ['./serve.sh']
  expect(await explainExit({ ...started, command, cwd }, 127, [])).toBe(
    `could not be started: './serve.sh' was not found in ${cwd}`
  )
  await folder.write('serve.sh', '')
  expect(await explainExit({ ...started, command, cwd }, 126, [])).toBe(
    `could not be started: './serve.sh' is not executable`
  )
})
