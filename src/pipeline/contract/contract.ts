import type { SchemaCheck } from './schema-check.ts'

/** Schemas of the data that comes in and goes out: all of them must match. Empty: it may be anything. */
export interface Contract {
  readonly input: readonly SchemaCheck[]
  readonly output: readonly SchemaCheck[]
}
