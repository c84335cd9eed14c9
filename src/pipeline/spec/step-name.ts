import { eachStep } from './each-step.ts'

/** The name of a step that has not been given one, by its place among all steps of the definition. */
export const defaultStepName = (index: number): string => `step-${index + 1}`

/** The name of a choice that has not been given one, by its place in its list. */
export const defaultChoiceName = (index: number): string => `choice-${index + 1}`

/** The name of each step, at every depth, by the mapping that it was written as. */
export function stepNames(steps: unknown): ReadonlyMap<object, string> {
  const names = new Map<object, string>()
  let index = 0
  for (const { step } of eachStep(steps, [])) {
    const { name } = step
    names.set(step, typeof name === 'string' ? name : defaultStepName(index))
    index++
  }
  return names
}
