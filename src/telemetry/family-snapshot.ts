/** How the values that several processes have for one series become one. */
export type Across = 'sum' | 'max' | 'min'

/** A family of metrics at one moment, in a form that another process can be told. */
export interface FamilySnapshot {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly across: Across
  /** By name and labels, as the exposition writes them. */
  readonly samples: ReadonlyMap<string, number>
}
