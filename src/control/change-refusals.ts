import { SluiceError } from '../errors.ts'
import { versionOf, type Half } from './half.ts'

/**
 * The version that a change was made from, or several with commas between, one of which it was made from; `undefined`: it
 * applies to whatever is there. `*`: to what is there.
 */
export type Version = string | undefined

/** Throws CONFLICT where another version is there. */
export function checkVersion(half: Half | undefined, version: Version): void {
  if (version === undefined || (version === '*' && half !== undefined)) return
  const current = half && versionOf(half)
  if (current !== undefined && version.split(',').includes(current)) return
  const there = current === undefined ? 'there is none' : `the current one is ${current}`
  throw new SluiceError(
    'CONFLICT',
    `the change was made from version ${version.split(',').join(' or ')}, but ${there}; look at it again`,
    {
      facts: { ...(half && { pipeline: half.claim.pipeline }) }
    }
  )
}

/** No pipeline has that name. */
export const unknown = (pipeline: string): SluiceError =>
  new SluiceError('PIPELINE_NOT_FOUND', `there is no pipeline "${pipeline}"`, { facts: { pipeline } })

/** It is not the admin API's to change. */
export const ofFile = ({ claim: { pipeline, claimant } }: Half, advice: string): SluiceError =>
  new SluiceError('CONFLICT', `${pipeline} is defined in ${claimant}: ${advice}`, { facts: { pipeline } })

/** Others need it. */
export const needed = (pipeline: string, needing: readonly string[]): SluiceError =>
  new SluiceError(
    'CONFLICT',
    `${needing.join(', ')} need${needing.length === 1 ? 's' : ''} ${pipeline}; --force (force=true) deletes it all the same`,
    {
      facts: { pipeline }
    }
  )

/** Others are quicker, again and again. */
export const crowded = (pipeline: string): SluiceError =>
  new SluiceError('CONFLICT', `${pipeline} is changed by others all the time; try again`, { facts: { pipeline } })

/** A definition belongs below the path of its kind. Throws INVALID_REQUEST. */
export function checkKind(wanted: string, { kind }: { readonly kind: string }): void {
  if (kind !== wanted) throw new SluiceError('INVALID_REQUEST', `kind: must be ${wanted} as in the path, found ${kind}`)
}

/** Beside a ServingPipeline the lifecycle of a Pipeline does nothing. */
export const notTheLead = (pipeline: string): SluiceError =>
  new SluiceError(
    'CONFLICT',
    `the lifecycle of ${pipeline} is that of its ServingPipeline: change it there (sluice pause ${pipeline})`,
    { facts: { pipeline } }
  )
