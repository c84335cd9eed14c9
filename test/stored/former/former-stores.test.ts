import { describe, expect, it } from 'vitest'
import { startNamedSteps } from '../../graph/named-steps.ts'
import { replay } from '../../replay/dead-letter-calls.ts'
import { startStoredGateway, type StoredGateway } from '../stored-gateway.ts'
import { storeKinds } from '../stores.ts'
import { formerFormats, openFormerStore } from './former-stores.ts'

const stores = formerFormats.flatMap(format => storeKinds.map(kind => ({ format, kind })))

const replyOf = async (gateway: StoredGateway, id: string): Promise<unknown> =>
  (await gateway.call(`/default/test/requests/${id}/reply`)).json()

/** Steps that give back their own name. */
const all = ['a', 's', 'c'] as const

describe.each(stores)('a store on $kind that the last version with $format has left', ({ format, kind }) => {
  it('is gone on with: each request from its step, a dead letter from the one that failed', async () => {
    await using steps = await startNamedSteps()
    await using store = await openFormerStore(format, kind)
    const { replied, letter, open, waiting } = store.requests
    await using gateway = await startStoredGateway(store.url, { steps: all.map(name => steps.step(name)) })
    expect(await gateway.until(open, 'replied')).toMatchObject({ deliveries: 2, steps: all.map(name => ({ name })) })
    expect(await gateway.until(waiting, 'replied')).toMatchObject({ deliveries: 1 })
    expect(all.map(name => steps.count(name))).toEqual([1, 2, 2])
    expect(await replyOf(gateway, replied)).toEqual({ n: 'replied' })
    const again = await gateway.post('{"n":"replied"}', {
      headers: { prefer: 'respond-async', 'idempotency-key': 'known' }
    })
    expect(await again.json()).toMatchObject({ id: replied })
    const replayed = await replay(gateway, letter)
    await gateway.until(replayed.id, 'replied')
    expect(all.map(name => steps.count(name))).toEqual([1, 3, 3])
  })

  it('fails what stands behind steps that are not the first ones any more, which can be replayed from the start', async () => {
    await using steps = await startNamedSteps()
    await using store = await openFormerStore(format, kind)
    const { open, waiting } = store.requests
    const edited = ['new', ...all]
    await using gateway = await startStoredGateway(store.url, { steps: edited.map(name => steps.step(name)) })
    expect(await gateway.until(open, 'failed')).toMatchObject({ error: { code: 'PIPELINE_CHANGED' } })
    // Nothing is behind it yet.
    await gateway.until(waiting, 'replied')
    expect(edited.map(name => steps.count(name))).toEqual([1, 1, 1, 1])
    const replayed = await replay(gateway, open, '?from=start')
    await gateway.until(replayed.id, 'replied')
    expect(edited.map(name => steps.count(name))).toEqual([2, 2, 2, 2])
  })
})
