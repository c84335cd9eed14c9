/**
 * A CloudEvents attribute value. Everything is a string in HTTP headers; the JSON format can also carry
 * booleans and 32-bit integers, which are kept so that a structured event leaves as it came.
 */
export type AttributeValue = string | number | boolean

/**
 * The thing that travels: a CloudEvents 1.0 (or 0.3, passed on as it came) event. Attributes are in a Map, so that
 * names such as `constructor` are only data. `id`, `source`, `type` and `specversion` are always present.
 */
export interface CloudEvent {
  readonly attributes: ReadonlyMap<string, AttributeValue>
  /** The data to the octet; `undefined` when the event has none. Never re-encoded. */
  readonly data: Uint8Array | undefined
  /** The data is JSON whatever its label: whoever wrote the pipeline says so of the step that gave it. */
  readonly dataIsJson?: true
}

/** The attribute as it is written in a header; `undefined` when it is absent. */
export function attribute(event: CloudEvent, name: string): string | undefined {
  const value = event.attributes.get(name)
  return value === undefined ? undefined : String(value)
}

/** The event with some attributes set, or taken away where the value is `undefined`; the data is shared. */
export function withAttributes(
  event: CloudEvent,
  changes: Readonly<Record<string, AttributeValue | undefined>>
): CloudEvent {
  const attributes = new Map(event.attributes)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) attributes.delete(name)
    else attributes.set(name, value)
  }
  return { ...event, attributes }
}
