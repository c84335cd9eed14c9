/** The values of a field that this version refuses. */
export type Refused = 'every' | readonly (string | boolean)[]

/*
 * The fields that the resource has and this version does not execute yet. They are refused by name, never ignored.
 * A change that builds one takes its line away.
 */

/** Fields of `spec`. */
export const refusedInSpec: Readonly<Record<string, Refused>> = {}

/** Fields of every step, however deep. */
export const refusedInStep: Readonly<Record<string, Refused>> = {
  'concurrency.min': 'every',
  'concurrency.adaptive': [true],
  'concurrency.gate': 'every',
  resources: 'every',
  protocol: ['open-inference', 'openai']
}
