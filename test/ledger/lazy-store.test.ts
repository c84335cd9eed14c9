import { expect, it } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import { LazyStore } from '../../src/ledger/lazy-store.ts'
import { silentLog } from '../helpers/silent-log.ts'

it('tells the log once why it cannot be opened, and when it can', async () => {
  const lines: unknown[] = []
  const log = {
    ...silentLog,
    info: () => void lines.push('open'),
    error: (fields: object) => void lines.push('err' in fields && String(fields.err))
  }
  const answers = ['the disk is full', 'the disk is full', 'it is locked', undefined]
  await using store = new LazyStore(() => open(answers.shift()), log)
  for (const [i, failure] of answers.slice(0, 3).entries()) {
    await expect(store.use(), `try ${i}`).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: failure })
    expect(store.failure).toBe(failure)
  }
  await store.use()
  expect(store.failure).toBeUndefined()
  expect(lines).toEqual(['SluiceError: the disk is full', 'SluiceError: it is locked', 'open'])
})

async function open(failure: string | undefined): Promise<AsyncDisposable> {
  if (failure !== undefined) throw new SluiceError('STORE_UNAVAILABLE', failure)
  return { [Symbol.asyncDispose]: async () => {} }
}
