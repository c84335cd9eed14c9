/** The meaning of a 202 on this store, as the banner, `/readyz?verbose` and `sluice doctor` say it. */
export interface Durability {
  /** 0: survives nothing; 1: what the server's settings give; 2: a killed process; 3: power loss too. */
  readonly level: 0 | 1 | 2 | 3
  /** One line: `sqlite file /x/sluice.db: survives kill -9 and power loss (WAL, synchronous=FULL)`. */
  readonly summary: string
  /** The reasons why a 202 may be lost, each with the change that helps; empty: none. */
  readonly warnings: readonly string[]
}

/** Whether a 202 means never lost on this store, as `--durability strict` wants it. */
export const isDurable = ({ level, warnings }: Durability): boolean => level >= 2 && warnings.length === 0

/** The findings on a store. */
export interface StoreExamination {
  readonly durability: Durability
  /** The process of the gateway that has a store which only one can use: `process 4711`. */
  readonly usedBy: string | undefined
}
