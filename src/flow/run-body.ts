import type { Body } from '../pipeline/node.ts'
import type { RunSequence } from './sequence.ts'

/** Makes what runs the steps inside a step. */
export type CreateBody = (body: Body) => RunSequence
