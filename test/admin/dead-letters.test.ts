import { describe, expect, it } from 'vitest'
import { anEvent } from '../helpers/events.ts'
import { aDeadLetter, aFailure, aRequest, readRecord, rootPlaces } from '../helpers/ledger-requests.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { deadLetters, nextMillisecond } from '../replay/replays-under-test.ts'
import { startAdmin, type AdminUnderTest } from './admin-under-test.ts'

const post = { method: 'POST' }

async function idsOf(admin: AdminUnderTest, query = ''): Promise<readonly string[]> {
  const { body } = await admin.call(`/deadletters${query}`)
  return body.items.map(({ id }: { id: string }) => id)
}

describe('GET /deadletters', () => {
  it('lists them with their cause, oldest first', async () => {
    await using admin = await startAdmin()
    const first = await aDeadLetter(admin.ledger, aRequest({ traceId: 'b'.repeat(32) }))
    const second = await aDeadLetter(admin.ledger)
    const { body } = await admin.call('/deadletters')
    expect(body).toMatchObject({
      items: [
        {
          id: first,
          pipeline: 'default/comments',
          code: 'STEP_FAILED',
          detail: 'step sentiment of default/comments answered 500',
          step: 'sentiment',
          attempts: 4,
          upstreamStatus: 500,
          traceId: 'b'.repeat(32),
          closed: false
        },
        { id: second }
      ],
      next: null
    })
  })

  it('filters by pipeline, step, code and time, and pages', async () => {
    await using admin = await startAdmin()
    const { ledger } = admin
    const first = await aDeadLetter(ledger)
    await nextMillisecond()
    const timeout = await aDeadLetter(ledger, aRequest(), aFailure({ code: 'STEP_TIMEOUT', step: 'filter' }))
    const other = await aDeadLetter(ledger, aRequest({ pipeline: 'shop/orders' }))
    const { finishedAt = 0 } = await readRecord(ledger, { pipeline: 'default/comments', id: timeout })
    expect(await idsOf(admin, '?pipeline=comments')).toEqual([first, timeout])
    expect(await idsOf(admin, '?step=filter&code=STEP_TIMEOUT')).toEqual([timeout])
    expect(await idsOf(admin, `?since=${finishedAt}`)).toEqual([timeout, other])
    expect(await idsOf(admin, `?since=${new Date(finishedAt).toISOString()}`)).toEqual([timeout, other])
    expect((await admin.call('/deadletters?limit=2')).body.next).toBe(timeout)
    expect(await idsOf(admin, `?limit=2&after=${timeout}`)).toEqual([other])
  })

  it.each(['since=yesterday', 'closed=maybe', 'from=step'])('refuses %s, and names it', async query => {
    await using admin = await startAdmin()
    const { status, body } = await admin.call(`/deadletters?${query}`)
    expect([status, body.detail]).toEqual([400, expect.stringMatching(new RegExp(`^${query.split('=')[0]}: `))])
  })
})

describe('one dead letter', () => {
  it('is shown with the original event and the input of the failed step, to the octet', async () => {
    await using admin = await startAdmin()
    const event = anEvent({ data: '{"n": 12345678901234567890}' })
    const input = anEvent({ id: 'event-1.filter', datacontenttype: 'text/plain', data: 'as the step got it' })
    const id = await aDeadLetter(admin.ledger, aRequest({ event }), aFailure({ places: rootPlaces({ event: input }) }))
    const { body } = await admin.call(`/deadletters/${id}`)
    expect(body).toMatchObject({
      id,
      code: 'STEP_FAILED',
      steps: [{ name: 'filter', attempts: 1 }],
      event: { specversion: '1.0', id: 'event-1', type: 'dev.sluice.test' },
      input: { id: 'event-1.filter', data: 'as the step got it' }
    })
    const text = await fetch(`${admin.url}/deadletters/${id}`).then(answer => answer.text())
    expect(text).toContain('"data":{"n": 12345678901234567890}')
  })

  it('is gone once it is deleted', async () => {
    await using admin = await startAdmin()
    const id = await aDeadLetter(admin.ledger)
    const statuses = []
    for (const method of ['DELETE', 'DELETE', 'GET']) {
      statuses.push((await admin.call(`/deadletters/${id}`, { method })).status)
    }
    expect(statuses).toEqual([204, 404, 404])
  })

  it('is replayed as a new request, once', async () => {
    await using admin = await startAdmin()
    const [id = ''] = await deadLetters(admin.ledger, 1)
    const first = await admin.call(`/deadletters/${id}/replay`, post)
    const again = await admin.call(`/deadletters/${id}/replay?from=start`, post)
    expect(first).toMatchObject({ status: 202, body: { status: 'accepted', replayOf: id, repeated: false } })
    expect(again).toMatchObject({ status: 202, body: { id: first.body.id, repeated: true } })
    expect((await admin.call(`/deadletters/${id}`)).body.replayedAs).toBe(first.body.id)
    const [status] = (await admin.call('/requests?status=accepted')).body.items
    expect(status).toMatchObject({ id: first.body.id, replayOf: id, step: 'sentiment' })
  })

  it('is not replayed from somewhere else, or when there is none', async () => {
    await using admin = await startAdmin()
    const wrong = await admin.call('/deadletters/some-id/replay?from=middle', post)
    const unknown = await admin.call('/deadletters/some-id/replay', post)
    expect([wrong.status, wrong.body.detail]).toEqual([400, "from: must be step or start, found 'middle'"])
    expect([unknown.status, unknown.body.code]).toEqual([404, 'REQUEST_NOT_FOUND'])
  })
})

describe('POST /deadletters/replay', () => {
  it('begins a job whose progress can be followed', async () => {
    await using admin = await startAdmin()
    await deadLetters(admin.ledger, 3)
    await deadLetters(admin.ledger, 1, { pipeline: 'default/other' })
    const since = '2020-01-01T00:00:00.000Z'
    const { status, headers, body } = await admin.call(
      `/deadletters/replay?pipeline=comments&since=${since}&rate=1000&from=start`,
      post
    )
    expect([status, headers.get('location')]).toEqual([202, `/replays/${body.id}`])
    const isDone = async () => (await admin.call(`/replays/${body.id}`)).body.status === 'done'
    await waitFor(isDone, { what: 'the end of the bulk replay' })
    const { items } = (await admin.call('/replays')).body
    expect(items).toMatchObject([
      {
        id: body.id,
        status: 'done',
        from: 'start',
        rate: 1000,
        filter: { pipeline: 'default/comments', since },
        replayed: 3
      }
    ])
    expect(items[0]).not.toHaveProperty('owner')
  })

  it('knows no other job', async () => {
    await using admin = await startAdmin()
    expect((await admin.call('/replays/some-id')).status).toBe(404)
  })

  it.each(['rate=0', 'rate=fast', 'limit=3'])('refuses %s', async query => {
    await using admin = await startAdmin()
    expect((await admin.call(`/deadletters/replay?${query}`, post)).status).toBe(400)
  })
})
