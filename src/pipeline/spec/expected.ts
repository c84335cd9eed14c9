import { found } from './found.ts'

/** The words of a schema for every value that it refuses: `must be a duration such as PT2S or 2s, found 'soon'`. */
export const expected =
  (what: string) =>
  ({ input }: { readonly input?: unknown }): string | undefined =>
    input === undefined ? undefined : `must be ${what}, found ${found(input)}`
