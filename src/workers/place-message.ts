import type { NoPlace } from '../delivery/processes.ts'

/** A worker asks for a place in a local process of a step, by a number of its own, and gives it back. */
export type PlaceMessage =
  | { readonly kind: 'wait'; readonly no: number; readonly key: string }
  /** It does not wait any more, or does not need the place that it was given. */
  | { readonly kind: 'leave'; readonly no: number }
  | { readonly kind: 'isLost'; readonly no: number }

export type PlaceAnswer =
  | { readonly kind: 'entered'; readonly no: number; readonly entered: GivenPlace | NoPlace }
  | { readonly kind: 'lost'; readonly no: number; readonly lost: boolean }

/** A place, as far as it can be sent. */
export interface GivenPlace {
  readonly kind: 'place'
  readonly url: string
}
