import { expressionSpec } from './expression-spec.ts'

/** `previous` and `request` are words, not expressions, though they would compile. */
export const inputSpec = expressionSpec.meta({
  description: 'What the step gets: previous (the event before it), request (the original), or a JSONata expression.',
  default: 'previous'
})
