/** The owner of the fields that the controller writes. */
export const manager = 'sluice-controller'

/** Keeps a pipeline until what is in flight has finished. */
export const finalizer = 'sluice.dev/drain'
