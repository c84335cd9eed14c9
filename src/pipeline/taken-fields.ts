import type { WrittenPipeline } from './spec/serving-pipeline.ts'

type Spec = WrittenPipeline['spec']

/** The fields of a spec that one kind takes from the other. */
export type TakenFields = Pick<Spec, 'steps' | 'delivery' | 'limits'>

/** The fields that `own` leaves to the other: its steps as a whole, delivery and limits field by field. */
export function takenFields(own: TakenFields, other: TakenFields): TakenFields {
  const delivery = lacking(own.delivery, other.delivery)
  const limits = lacking(own.limits, other.limits)
  return {
    ...(own.steps === undefined && other.steps !== undefined && { steps: other.steps }),
    ...(delivery !== undefined && { delivery }),
    ...(limits !== undefined && { limits })
  }
}

/** The spec with what it has taken. */
export function filledSpec(own: Spec, { steps, delivery, limits }: TakenFields): Spec {
  return {
    ...own,
    ...(steps !== undefined && { steps }),
    ...(delivery !== undefined && { delivery: { ...own.delivery, ...delivery } }),
    ...(limits !== undefined && { limits: { ...own.limits, ...limits } })
  }
}

/** `steps`, `delivery.retry`, `limits.maxQueued`. */
export const takenPaths = ({ steps, delivery, limits }: TakenFields): readonly string[] => [
  ...(steps === undefined ? [] : ['steps']),
  ...Object.keys(delivery ?? {}).map(field => `delivery.${field}`),
  ...Object.keys(limits ?? {}).map(field => `limits.${field}`)
]

/** `undefined`: there are none. */
function lacking<Part extends object>(own: Part | undefined, other: Part | undefined): Part | undefined {
  const left = Object.entries(other ?? {}).filter(([field]) => own === undefined || !Object.hasOwn(own, field))
  // Some of its fields, all of which are optional.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return left.length === 0 ? undefined : (Object.fromEntries(left) as Part)
}
