import type { AttributeValue, CloudEvent } from '../../src/event/event.ts'

const defaults = { specversion: '1.0', id: 'event-1', source: '/test', type: 'dev.sluice.test' }

/** The parts of an event that a test cares about; a part that is `undefined` is left out of the event. */
export interface EventParts {
  readonly specversion?: string | undefined
  readonly id?: string | undefined
  readonly source?: string | undefined
  readonly type?: string | undefined
  readonly datacontenttype?: string | undefined
  readonly dataschema?: string | undefined
  readonly subject?: string | undefined
  readonly time?: string | undefined
  readonly extensions?: Readonly<Record<string, AttributeValue>>
  /** A string or bytes as they are, anything else as JSON. */
  readonly data?: unknown
}

/** A valid event with some JSON data, apart from what the test says. */
export function anEvent({ extensions, ...parts }: EventParts = {}): CloudEvent {
  const { data, ...attributes } = { data: { text: 'hello' }, ...parts }
  const content = toBytes(data)
  const contentType = content === undefined ? {} : { datacontenttype: 'application/json' }
  const written = Object.entries<AttributeValue | undefined>({
    ...defaults,
    ...contentType,
    ...attributes,
    ...extensions
  })
  return { attributes: new Map(written.filter(isPresent)), data: content }
}

function isPresent(entry: [string, AttributeValue | undefined]): entry is [string, AttributeValue] {
  return entry[1] !== undefined
}

function toBytes(data: unknown): Uint8Array | undefined {
  if (data === undefined || data instanceof Uint8Array) return data
  return new TextEncoder().encode(typeof data === 'string' ? data : JSON.stringify(data))
}
