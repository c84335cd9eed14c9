import type { ErrorObject } from 'ajv'
import type { DataFault } from '../../errors.ts'

/** Of a pointer or a message: names in the data may be as long as the data. */
const maxLength = 512

/** A property that must not be there is the fault, as JSON Schema has it, and not the object around it. */
export function dataFault({ instancePath, params, message, keyword }: ErrorObject): DataFault {
  const surplus: unknown = params['additionalProperty'] ?? params['unevaluatedProperty']
  if (typeof surplus === 'string') {
    return fault(`${instancePath}/${surplus.replaceAll('~', '~0').replaceAll('/', '~1')}`, 'must NOT be there')
  }
  const allowed: unknown = keyword === 'enum' ? params['allowedValues'] : undefined
  if (allowed !== undefined) return fault(instancePath, `must be one of ${JSON.stringify(allowed)}`)
  if (keyword === 'const') return fault(instancePath, `must be ${JSON.stringify(params['allowedValue'])}`)
  return fault(instancePath, message ?? 'is not valid')
}

const fault = (pointer: string, message: string): DataFault => ({ pointer: cut(pointer), message: cut(message) })

const cut = (text: string): string => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text)
