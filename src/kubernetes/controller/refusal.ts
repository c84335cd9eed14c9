/** The API server did not do something. */
export interface Refusal {
  /** A person, or another program, has set fields that are ours. */
  readonly isConflict: boolean
  readonly text: string
}
