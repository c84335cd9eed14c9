import { describe, expect, it } from 'vitest'
import type { StatusDocument } from '../../src/ledger/record/status-document.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

interface Page {
  readonly items: readonly StatusDocument[]
  readonly next: string | null
}

const list = async ({ adminUrl }: StoredGateway, query = ''): Promise<Page> =>
  (await (await fetch(`${adminUrl}/requests${query}`)).json()) as Page

describe.each(storeKinds)('the list of requests on %s', kind => {
  const newStore = storesOf(kind)

  it('has the status documents of the data plane, by pipeline and status', async () => {
    await using step = await startStep({ body: 'a' }, 204, 400, () => new Promise<number>(() => {}))
    await using folder = await createTempFolder()
    const definition = (name: string) =>
      folder.write(
        `${name}.yaml`,
        `{apiVersion: sluice.dev/v1alpha1, kind: ServingPipeline, metadata: {name: ${name}}, spec: {steps: [{uri: "${step.url}"}]}}`
      )
    const files = [await definition('test'), await definition('other')]
    await using gateway = await startStoredGateway(newStore(), { steps: [], config: { files } })
    const expected: StatusDocument[] = []
    for (const status of ['replied', 'filtered', 'failed', 'running'] as const) {
      expected.push(await gateway.until((await gateway.accept()).id, status))
    }
    await gateway.call('/default/other', { method: 'POST', headers: { prefer: 'respond-async' } })
    // Here, one that runs also says how: `inFlight`.
    expect(await list(gateway, '?pipeline=test')).toMatchObject({ items: expected.toReversed(), next: null })
    for (const document of expected) {
      expect(await list(gateway, `?pipeline=default/test&status=${document.status}`)).toMatchObject({
        items: [document],
        next: null
      })
    }
    expect((await list(gateway)).items).toHaveLength(5)
    expect((await list(gateway, '?pipeline=other')).items).toMatchObject([{ pipeline: 'default/other' }])
    expect((await list(gateway, '?pipeline=elsewhere/test')).items).toEqual([])
  })

  it('goes on page by page, to all and each once', async () => {
    await using step = await startStep(200)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const ids = await Promise.all(Array.from({ length: 25 }, async () => (await gateway.accept()).id))
    const seen: string[] = []
    let after = ''
    for (;;) {
      const { items, next } = await list(gateway, `?limit=10${after}`)
      seen.push(...items.map(({ id }) => id))
      if (next === null) break
      after = `&after=${next}`
    }
    expect(seen).toEqual(ids.toSorted().toReversed())
  })
})
