/** The values that an expression sees. It can be sent to another thread. */
export interface Scope {
  readonly input: unknown
  readonly bindings: Readonly<Record<string, unknown>>
  /** Octets of the data in it. */
  readonly size: number
  /** Data that is not parsed yet: what is large is parsed by the thread that needs it. */
  readonly late: readonly LateData[]
  /** Data that is not JSON. */
  readonly opaque: readonly OpaqueData[]
}

/** Where an event stands in the scope: the input, `['request']`, or `['steps', NAME]`. */
export type Place = readonly string[]

export interface OpaqueData {
  readonly place: Place
  /** The content type; `undefined`: there is none. */
  readonly label: string | undefined
}

export interface LateData extends OpaqueData {
  /** UTF-8. */
  readonly octets: Uint8Array
  /** It is JSON by its label; else it is a text where it does not parse. */
  readonly declared: boolean
}

/** The object of the event that stands there. */
export function eventAt({ input, bindings }: Pick<Scope, 'input' | 'bindings'>, place: Place): unknown {
  let found: unknown = place.length === 0 ? input : bindings
  for (const name of place) found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return found
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
