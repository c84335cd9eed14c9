import { expect, it } from 'vitest'
import type { StatusDocument } from '../../../src/ledger/record/status-document.ts'
import { audit, type Books, type Kill } from './accounting.ts'
import type { Place, Visits } from './counted-places.ts'

const noVisits: Visits = { calls: 0, eventIds: new Set() }
const once: Visits = { calls: 1, eventIds: new Set(['event-1']) }
const twice: Visits = { ...once, calls: 2 }

const document: StatusDocument = {
  id: 'request-1',
  pipeline: 'default/test',
  generation: 1,
  status: 'replied',
  deliveries: 1,
  acceptedAt: '2026-01-01T00:00:01.000Z',
  finishedAt: '2026-01-01T00:00:03.000Z',
  steps: [],
  links: { self: '', reply: '', events: '' }
}
const ranAt = Date.parse('2026-01-01T00:00:02.000Z')
const whileItRan: Kill = { at: ranAt, replacedAt: ranAt + 500 }
const visited = { filter: once, model: once, reply: once, sink: noVisits }

interface Story {
  readonly end?: StatusDocument
  readonly later?: StatusDocument
  readonly visits?: Partial<Record<Place, Visits>>
  readonly kills?: readonly Kill[]
}

/** One event, which was replied without ado, but for what the story says. */
function booksOf({ end = document, later = end, visits, kills = [] }: Story): Books {
  const seen = { ...visited, ...visits }
  return {
    accounts: { accepted: new Map([[1, 'request-1']]), refused: 0, unanswered: 0 },
    counted: {
      urlOf: place => place,
      visitsOf: place => seen[place],
      heal: () => {},
      [Symbol.asyncDispose]: async () => {}
    },
    kills,
    maxInFlight: 1,
    ends: new Map([[1, end]]),
    later: new Map([[1, later]])
  }
}

it('finds nothing where every promise was kept', () => {
  expect(audit(booksOf({})).broken).toEqual([])
})

it('lets a kill repeat what ran', () => {
  const end = { ...document, deliveries: 2 }
  const { figures, broken } = audit(booksOf({ end, kills: [whileItRan], visits: { model: twice } }))
  expect(broken).toEqual([])
  expect(figures).toMatchObject({ 'in flight at the kills': 1, 'of them repeated': 1 })
})

it('finds what was accepted and is not there', () => {
  expect(audit({ ...booksOf({}), ends: new Map() }).broken).toEqual(['event 1 is lost'])
})

const failed: StatusDocument = { ...document, status: 'failed' }
const redelivered: StatusDocument = { ...document, deliveries: 2 }
it.each<{ name: string; story: Story; fault: RegExp }>([
  { name: 'a call that no kill explains', story: { visits: { model: twice } }, fault: /2 times to the model in 1 del/ },
  { name: 'a delivery that no kill explains', story: { end: redelivered }, fault: /delivered 2 times, with 0 kills/ },
  {
    name: 'two steps that were repeated for one kill',
    story: { end: redelivered, kills: [whileItRan], visits: { filter: twice, model: twice } },
    fault: /more calls repeated than deliveries/
  },
  { name: 'a reply that was not sent', story: { visits: { reply: noVisits } }, fault: /not seen at the reply/ },
  { name: 'a reply and a dead letter', story: { visits: { sink: once } }, fault: /was seen at the sink/ },
  { name: 'the wrong end', story: { end: failed }, fault: /was to end as replied and ended as failed/ },
  { name: 'a second end', story: { later: failed }, fault: /changed after its end/ },
  {
    name: 'another event id',
    story: { visits: { model: { calls: 1, eventIds: new Set(['event-1', 'event-2']) } } },
    fault: /different event ids: event-1, event-2/
  }
])('finds $name', ({ story, fault }) => {
  expect(audit(booksOf(story)).broken).toContainEqual(expect.stringMatching(fault))
})
