/** The reasons that a condition may give, for a person who acts on them. */
export type Reason =
  | 'Serving'
  | 'NewGenerationNotReady'
  | 'Paused'
  | 'Pausing'
  | 'Deleting'
  | 'Faulty'
  | 'Unresolved'
  | 'HeaderMissing'
  | 'ProcessStarting'
  | 'ProcessFailing'
  | 'DependencyNotReady'
  | 'Valid'
  | 'SourceAway'
  | 'DefinitionGone'
  | 'StoreAway'
  | 'Resolved'
  | 'NameTaken'
  | 'Durable'
  | 'NotDurable'
  | 'DependenciesReady'
  | 'Refused'
  | 'FieldsTaken'
  | 'Progressing'
  | 'Completed'
  | 'Aborted'

export type ConditionType = 'Ready' | 'Valid' | 'Resolved' | 'Rollout' | 'DependenciesReady' | 'Conflict' | 'Durable'

/** The facts of one side of a pipeline. */
export interface Finding {
  readonly type: ConditionType
  readonly status: boolean
  readonly reason: Reason
  readonly message: string
}

/** A finding as `status` shows it. */
export interface Condition {
  readonly type: ConditionType
  readonly status: 'True' | 'False'
  readonly reason: Reason
  readonly message: string
  /** RFC 3339. */
  readonly lastTransitionTime: string
  readonly observedGeneration: number
}

/** Conditions as of now: the time of the last transition is that of the last change of its status. */
export function conditionsOf(
  findings: readonly Finding[],
  before: readonly Condition[],
  observedGeneration: number,
  now: string
): readonly Condition[] {
  return findings.map(({ type, status, reason, message }) => {
    const text = status ? 'True' : 'False'
    const last = before.find(each => each.type === type)
    const lastTransitionTime = last?.status === text ? last.lastTransitionTime : now
    return { type, status: text, reason, message, lastTransitionTime, observedGeneration }
  })
}
