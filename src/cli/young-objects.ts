import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 allocate every object among the young ones. It would take the literals of a place in the program that have
 * survived a collection for objects that live long, and allocate the next of them among the old: those of a request
 * do survive, while it waits for its steps, and then keep all that it refers to until the next full collection.
 */
export const allocateYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring')
