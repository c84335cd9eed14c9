import { describe, expect, it } from 'vitest'
import { EventFilter } from '../../src/pipeline/filter/event-filter.ts'
import type { FilterSpec } from '../../src/pipeline/spec/filter-spec.ts'
import { anEvent } from '../helpers/events.ts'

const { attributes } = anEvent({
  id: '5',
  type: 'com.github.push',
  subject: '/cloudevents/spec',
  extensions: { myint: 7, mybool: true }
})

/** Whether the filters hold for that event, and the kinds of the errors that were told. */
function judge(...filters: FilterSpec[]): readonly [boolean, ...string[]] {
  const errors: string[] = []
  return [new EventFilter(filters).passes(attributes, (_, { kind }) => errors.push(kind)), ...errors]
}

describe('filters', () => {
  it.each<[FilterSpec, boolean]>([
    [{ exact: { type: 'com.github.push' } }, true],
    [{ exact: { type: 'com.github.PUSH' } }, false],
    [{ exact: { type: 'com.github.push', subject: 'other' } }, false],
    [{ exact: { nowhere: 'a' } }, false],
    [{ exact: { constructor: 'a' } }, false],
    [{ exact: { myint: '7', mybool: 'true' } }, true],
    [{ prefix: { type: 'com.', subject: '/cloudevents/' } }, true],
    [{ prefix: { type: 'com.', subject: 'cloudevents/' } }, false],
    [{ prefix: { nowhere: 'a' } }, false],
    [{ suffix: { type: '.push' } }, true],
    [{ suffix: { type: '.push', subject: '/other' } }, false],
    [{ all: [{ exact: { id: '5' } }, { suffix: { type: '.push' } }] }, true],
    [{ all: [{ exact: { id: '5' } }, { suffix: { type: '.pull' } }] }, false],
    [{ any: [{ exact: { id: '6' } }, { suffix: { type: '.push' } }] }, true],
    [{ any: [{ exact: { id: '6' } }, { suffix: { type: '.pull' } }] }, false],
    [{ not: { exact: { id: '6' } } }, true],
    [{ not: { not: { any: [{ exact: { id: '6' } }] } } }, false],
    [{ cesql: "type LIKE 'com.%' AND id = 5" }, true],
    [{ cesql: "type LIKE 'org.%'" }, false]
  ])('%j', (filter, passes) => {
    expect(judge(filter)).toEqual([passes])
  })

  it('must all hold', () => {
    expect(judge({ exact: { id: '5' } }, { cesql: 'myint = 7' })).toEqual([true])
    expect(judge({ exact: { id: '5' } }, { cesql: 'myint = 8' })).toEqual([false])
  })

  it('are false where an expression fails, or gives neither true nor false', () => {
    expect(judge({ cesql: 'nowhere != 1' })).toEqual([false, 'missingAttribute'])
    expect(judge({ cesql: 'type = 1' })).toEqual([false, 'cast'])
    expect(judge({ cesql: 'mybool' })).toEqual([true])
    expect(judge({ cesql: 'type' })).toEqual([false])
    // As the subscriptions API has it: the filter inside is false.
    expect(judge({ not: { cesql: 'nowhere != 1' } })).toEqual([true, 'missingAttribute'])
  })
})
