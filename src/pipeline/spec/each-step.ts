import { isMapping } from './rule.ts'

export interface VisitedStep {
  readonly path: readonly (string | number)[]
  readonly step: Readonly<Record<string, unknown>>
}

/** Every step of a list and of the steps inside them, in the order of the file; what is not a step is passed over. */
export function* eachStep(steps: unknown, path: readonly (string | number)[]): Generator<VisitedStep> {
  for (const [i, step] of entriesOf(steps)) {
    const at = [...path, i]
    if (!isMapping(step)) continue
    yield { path: at, step }
    yield* eachChoice(step['switch'], [...at, 'switch'])
    yield* eachStep(step['otherwise'], [...at, 'otherwise'])
    if (isMapping(step['parallel'])) yield* eachChoice(step['parallel']['branches'], [...at, 'parallel', 'branches'])
    yield* eachChoice(step['split'], [...at, 'split'])
  }
}

function* eachChoice(choices: unknown, path: readonly (string | number)[]): Generator<VisitedStep> {
  for (const [i, choice] of entriesOf(choices)) {
    if (isMapping(choice)) yield* eachStep(choice['steps'], [...path, i, 'steps'])
  }
}

const entriesOf = (list: unknown): Iterable<[number, unknown]> => (Array.isArray(list) ? list.entries() : [])
