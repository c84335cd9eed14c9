import { sqlitePath } from './sqlite-path.ts'

/** Whether one process of a gateway holds the store for all of them; each connects to any other by itself. */
export const isHosted = (store: string): boolean => sqlitePath(store) !== undefined
