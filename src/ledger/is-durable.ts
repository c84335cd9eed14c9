import type { Durability } from './ledger.ts'

/** Whether a 202 means never lost on this store, as `--durability strict` wants it. */
export const isDurable = ({ level, warnings }: Durability): boolean => level >= 2 && warnings.length === 0
