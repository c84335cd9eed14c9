import { toldText, type ErrorFacts } from '../../errors.ts'

/** A failure, as a status document tells it. */
export interface StatusError {
  readonly code: string
  readonly detail: string
  readonly step?: string
  readonly path?: string
  readonly attempts: number
  readonly upstreamStatus?: number
  readonly upstreamBody?: string
  readonly faults?: ErrorFacts['faults']
}

/**
 * The failure as a status document tells it: the parts that are known, and the step's own words where they are text.
 */
export function statusError(
  code: string,
  detail: string,
  { step, path, attempts = 0, upstreamStatus, upstreamBody, faults }: KnownFacts
): StatusError {
  const said = toldText(upstreamBody)
  return {
    code,
    detail,
    ...(step !== undefined && { step }),
    ...(path !== undefined && { path }),
    attempts,
    ...(upstreamStatus !== undefined && { upstreamStatus }),
    ...(said !== undefined && { upstreamBody: said }),
    ...(faults !== undefined && { faults })
  }
}

type Told = 'step' | 'path' | 'attempts' | 'upstreamStatus' | 'upstreamBody' | 'faults'
type KnownFacts = { readonly [Name in Told]?: ErrorFacts[Name] | undefined }
