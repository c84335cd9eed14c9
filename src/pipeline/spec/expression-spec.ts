import * as z from 'zod'
import { messageOf } from '../../errors.ts'
import { compileExpression } from '../expression.ts'
import { expected } from './expected.ts'

/** A JSONata expression; it is compiled here, so that a syntax error is a fault of the definition. */
export const expressionSpec = z
  .string({ error: expected('a JSONata expression') })
  .min(1, { abort: true })
  .superRefine((source, context) => {
    const message = syntaxFault(source)
    if (message !== undefined) context.addIssue({ code: 'custom', message: `is not a JSONata expression: ${message}` })
  })

/** Why the expression does not compile; `undefined`: it does. */
function syntaxFault(source: string): string | undefined {
  try {
    compileExpression(source)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
