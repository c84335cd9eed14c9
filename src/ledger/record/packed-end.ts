import type { Cause } from './cause.ts'
import type { PlaceEnd } from './mark.ts'
import { packUpstreamBody, unpackUpstreamBody, type PackedUpstreamBody } from './packed-upstream-body.ts'

type Optional = 'step' | 'path' | 'upstreamStatus' | 'deliveries'

type PackedCause = Omit<Cause, 'upstreamBody' | Optional> &
  Partial<Pick<Cause, Optional>> & { readonly upstreamBody?: PackedUpstreamBody | undefined }

/** How a branch ended, inside a frame's document. */
export type PackedEnd =
  | readonly ['replied', at: number]
  | readonly ['filtered', at: number, step: string]
  | readonly ['failed', at: number, cause: PackedCause]

export function packEnd(end: PlaceEnd): PackedEnd {
  switch (end.kind) {
    case 'replied':
      return ['replied', end.at]
    case 'filtered':
      return ['filtered', end.at, end.step]
    case 'failed': {
      const { upstreamBody } = end.cause
      return ['failed', end.at, { ...end.cause, upstreamBody: upstreamBody && packUpstreamBody(upstreamBody) }]
    }
  }
}

export function unpackEnd(packed: PackedEnd): PlaceEnd {
  const [, at] = packed
  switch (packed[0]) {
    case 'replied':
      return { kind: 'replied', at }
    case 'filtered':
      return { kind: 'filtered', at, step: packed[2] }
    case 'failed': {
      const { step, path, upstreamStatus, upstreamBody, deliveries, ...rest } = packed[2]
      const body = upstreamBody && unpackUpstreamBody(upstreamBody)
      return { kind: 'failed', at, cause: { ...rest, step, path, upstreamStatus, deliveries, upstreamBody: body } }
    }
  }
}
