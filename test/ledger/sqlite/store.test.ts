import { describe, expect, it } from 'vitest'
import { toStoredRequest } from '../../../src/ledger/sqlite/encode-request.ts'
import type { Operation } from '../../../src/ledger/sqlite/operations.ts'
import { Store } from '../../../src/ledger/sqlite/store.ts'
import { aRequest } from '../../helpers/ledger-requests.ts'
import type { NewRequest } from '../../../src/ledger/ledger.ts'

const accept = (request: NewRequest): Operation => ({
  name: 'accept',
  input: { requests: [toStoredRequest(request)], leaseMs: undefined }
})

describe('store', () => {
  it('carries out the other operations of a batch when one of them has a defect', () => {
    using store = new Store(':memory:')
    const [first, broken, last] = [aRequest(), aRequest({ fingerprint: {} as string }), aRequest()]
    const results = store.run([first, broken, last].map(accept))
    expect(results.map(({ kind }) => kind)).toEqual(['done', 'failed', 'done'])
    const [pending] = store.run([{ name: 'pending', input: 'default/comments' }])
    expect(pending).toMatchObject({ kind: 'done', value: { queued: 2 } })
  })

  it('lets reads of a batch see its writes', () => {
    using store = new Store(':memory:')
    const request = aRequest()
    const [record] = store.run([{ name: 'read', input: request }, accept(request)])
    expect(record).toMatchObject({ kind: 'done', value: { id: request.id } })
  })

  it('sweeps what has expired in slices', () => {
    using store = new Store(':memory:')
    const requests = Array.from({ length: 5 }, () => aRequest({ ttlMs: 0 }))
    store.run(requests.map(accept))
    store.run(requests.map(({ pipeline, id }) => ({ name: 'cancel', input: { pipeline, id } })))
    const sweep: Operation = { name: 'sweep', input: { limit: 2 } }
    expect(store.run([sweep, sweep, sweep, sweep])).toMatchObject([2, 2, 1, 0].map(value => ({ kind: 'done', value })))
    const [read] = store.run([{ name: 'read', input: requests[0] ?? aRequest() }])
    expect(read).toEqual({ kind: 'done', value: 'expired' })
  })
})
