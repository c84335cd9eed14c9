import { describe, expect, it } from 'vitest'
import { acceptClaimed, aRequest, failed, replied } from '../helpers/ledger-requests.ts'
import { rawRequest } from '../helpers/raw-client.ts'
import { startAdmin } from './admin-under-test.ts'

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('GET /requests', () => {
  it('lists status documents, newest first', async () => {
    await using admin = await startAdmin()
    const claim = await acceptClaimed(admin.ledger, aRequest())
    await admin.ledger.settle(claim, failed)
    const waiting = aRequest()
    await admin.ledger.accept([waiting])
    const { status, body } = await admin.call('/requests')
    expect([status, body]).toEqual([
      200,
      {
        items: [
          expect.objectContaining({ id: waiting.id, status: 'accepted', step: 'filter', steps: [] }),
          {
            id: claim.id,
            pipeline: 'default/comments',
            generation: 1,
            status: 'failed',
            deliveries: 1,
            acceptedAt: expect.stringMatching(rfc3339),
            finishedAt: expect.stringMatching(rfc3339),
            error: {
              code: 'STEP_FAILED',
              detail: 'step sentiment of default/comments answered 500',
              step: 'sentiment',
              path: 'sentiment',
              attempts: 4,
              upstreamStatus: 500
            },
            steps: [
              {
                name: 'filter',
                path: 'filter',
                status: 'replied',
                attempts: 1,
                startedAt: '2023-11-14T22:13:20.000Z',
                finishedAt: '2023-11-14T22:13:20.020Z'
              }
            ],
            links: {
              self: `/default/comments/requests/${claim.id}`,
              reply: `/default/comments/requests/${claim.id}/reply`,
              events: `/default/comments/requests/${claim.id}/events`
            }
          }
        ],
        next: null
      }
    ])
  })

  it('gives pages until there is none left', async () => {
    await using admin = await startAdmin()
    const requests = Array.from({ length: 5 }, () => aRequest())
    await admin.ledger.accept(requests)
    const ids: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const { body } = await admin.call(`/requests?limit=2${next === '' ? '' : `&after=${next}`}`)
      ids.push(...body.items.map(({ id }: { id: string }) => id))
      next = body.next
    }
    expect(ids).toEqual(requests.map(({ id }) => id).toReversed())
  })

  it('filters by pipeline and status', async () => {
    await using admin = await startAdmin()
    const claim = await acceptClaimed(admin.ledger, aRequest())
    await admin.ledger.settle(claim, replied)
    await admin.ledger.accept([aRequest(), aRequest({ pipeline: 'shop/orders' })])
    const count = async (query: string): Promise<number> => (await admin.call(`/requests?${query}`)).body.items.length
    expect([
      await count('pipeline=comments'),
      await count('pipeline=default/comments&status=replied'),
      await count('status=accepted'),
      await count('pipeline=shop/orders&status=replied')
    ]).toEqual([2, 1, 2, 0])
  })

  it.each([
    ['status=done', "status: must be accepted, running, replied, filtered, failed, cancelled, found 'done'"],
    ['limit=0', "limit: must be a whole number from 1 to 1000, found '0'"],
    ['limit=2&limit=3', 'limit: is given more than once'],
    ['pipeline=a/b/c', "pipeline: must be NAME or NAMESPACE/NAME, found 'a/b/c'"],
    ['pipline=comments', "pipline: unknown parameter; did you mean 'pipeline'?"]
  ])('refuses %s', async (query, fault) => {
    await using admin = await startAdmin()
    const { status, headers, body } = await admin.call(`/requests?${query}`)
    expect([status, headers.get('content-type'), body.code, body.faults]).toEqual([
      400,
      'application/problem+json',
      'INVALID_REQUEST',
      [fault]
    ])
  })
})

it('lists circuit breakers', async () => {
  const items = [{ destination: 'http://localhost:9101/', state: 'halfOpen' }]
  await using admin = await startAdmin({ breakers: items })
  expect((await admin.call('/breakers')).body).toEqual({ items, next: null })
})

describe('the admin plane', () => {
  it('wants its token', async () => {
    await using admin = await startAdmin({ token: 's3cret' })
    const refused = await admin.call('/deadletters')
    const served = await admin.call('/deadletters', { headers: { authorization: 'Bearer s3cret' } })
    expect([refused.status, refused.body.code, served.status]).toEqual([401, 'UNAUTHENTICATED', 200])
  })

  it('does not serve the pages of other sites, which a browser lets POST here', async () => {
    await using admin = await startAdmin()
    const post = (origin: string) => admin.call('/deadletters/replay', { method: 'POST', headers: { origin } })
    expect([(await post('https://evil.example')).status, (await post('null')).status]).toEqual([403, 403])
    expect((await post(admin.url)).status).toBe(202)
  })

  it('does not serve what a page of another site shows or runs, but whoever follows its link', async () => {
    await using admin = await startAdmin()
    const get = (mode: string) =>
      rawRequest(
        admin.url,
        `GET /requests HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: ${mode}\r\n\r\n`
      )
    expect([(await get('no-cors')).status, (await get('navigate')).status]).toEqual([403, 200])
  })

  it('says which methods a path takes', async () => {
    await using admin = await startAdmin()
    const { status, headers } = await admin.call('/deadletters/some-id', { method: 'PUT' })
    expect([status, headers.get('allow')]).toEqual([405, 'GET, DELETE'])
  })
})
