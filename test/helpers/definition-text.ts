import { pipelineText, type StepText } from './gateway.ts'

/** The text of a definition file of a pipeline of this name. */
export const definitionText = (name: string, steps: readonly StepText[], spec: Record<string, unknown> = {}): string =>
  pipelineText(steps, spec).replace('"name":"test"', `"name":"${name}"`)
