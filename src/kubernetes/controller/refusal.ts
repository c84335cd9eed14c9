/** The API server did not do something, or was not asked to. */
export interface Refusal {
  /** A person, or another program, has set fields that are ours. */
  readonly isConflict: boolean
  /** The object of that name is somebody else's. */
  readonly isNameTaken?: true
  readonly text: string
}
