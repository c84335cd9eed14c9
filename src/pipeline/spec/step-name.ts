/** The name of a step of the pipeline's own list that has not been given one. */
export const defaultStepName = (index: number): string => `step-${index + 1}`
