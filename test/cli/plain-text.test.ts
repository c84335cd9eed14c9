import { afterEach, expect, it, vi } from 'vitest'
import { plainText } from '../../src/cli/print/plain-text.ts'
import { printDocument } from '../../src/cli/print/print-document.ts'
import { problemText } from '../../src/cli/print/problem-text.ts'

afterEach(() => vi.restoreAllMocks())

// A model's error answer, which anybody's prompt may shape, could clear the screen of an operator, or write on it.
const escape = '\x1b[2J'
const controlSequence = '\x9b2J'

const answer = (body: string) => ({
  url: 'http://gateway.test/default/a',
  status: 422,
  headers: new Headers(),
  body: Buffer.from(body)
})

it('shows what a terminal would obey, and leaves lines and all other text as they are', () => {
  expect(plainText(`a\n\té€😀${escape}${controlSequence}\r\0`)).toBe('a\n\té€😀\\u001b[2J\\u009b2J\\u000d\\u0000')
})

it('a problem, and an answer that is none, obey nobody', () => {
  const problem = { title: 'Rejected', code: 'STEP_REJECTED', detail: escape, upstreamBody: `${controlSequence}bad` }
  for (const body of [JSON.stringify(problem), `${escape}${controlSequence}`]) {
    expect(problemText(answer(body))).not.toMatch(/[^\P{Control}\n]/u)
  }
})

it.each(['json', 'yaml'] as const)('a document in %s obeys nobody, and means the same', async format => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const value = { detail: `${escape} ${controlSequence}`, lines: 'a\nb\tc', plain: controlSequence }
  await printDocument(value, format)
  const text = String(written.mock.calls[0]?.[0])
  written.mockRestore()
  expect(text).not.toMatch(/[^\P{Control}\n\t]/u)
  const { parse } = await import('yaml')
  expect(parse(text)).toEqual(value)
})
