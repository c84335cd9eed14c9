import type { FaultCode } from '../fault.ts'

/** A mistake in the YAML itself, by its offset in the file. */
export interface SyntaxFault {
  readonly offset: number
  readonly code: FaultCode
  readonly message: string
}
