import type { Scaling } from '../../pipeline/process-spec.ts'

/** The bounds that hold at a time: a schedule may have changed those of the definition. */
export type Bounds = Pick<Scaling, 'min' | 'max'>

/** Processes that so many calls need, those that run and those that wait, within the largest number. */
export const instancesFor = (calls: number, { target }: Pick<Scaling, 'target'>, { max }: Bounds): number =>
  Math.min(max, Math.ceil(calls / target))
