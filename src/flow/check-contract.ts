import { SluiceError, toSluiceError, type DataFault, type ErrorCode } from '../errors.ts'
import { asBuffer } from '../event/as-buffer.ts'
import type { CloudEvent } from '../event/event.ts'
import { jsonOf } from '../event/json-of.ts'
import type { SchemaCheck } from '../pipeline/contract/schema-check.ts'
import type { Request } from './request.ts'

/** Why the data of an event is not as the schemas want it, with every fault; `undefined`: it is. */
export function contractError(
  code: Extract<ErrorCode, 'CONTRACT_INPUT' | 'CONTRACT_OUTPUT'>,
  checks: readonly SchemaCheck[],
  event: CloudEvent
): SluiceError | undefined {
  if (checks.length === 0) return undefined
  const faults = faultsOf(checks, event)
  const [first] = faults
  if (first === undefined) return undefined
  const place = first.pointer === '' ? 'it' : first.pointer
  const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`
  const message = `the data does not match the ${code === 'CONTRACT_INPUT' ? 'input ' : ''}contract: ${place} ${first.message}${more}`
  return new SluiceError(code, message, { facts: { faults } })
}

function faultsOf(checks: readonly SchemaCheck[], event: CloudEvent): readonly DataFault[] {
  const read = readData(event)
  return 'fault' in read ? [{ pointer: '', message: read.fault }] : checks.flatMap(check => check.faultsOf(read.value))
}

/** The data as expressions see it: JSON, text as a string, other octets as a string of base64, no data as null. */
function readData(event: CloudEvent): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(asBuffer(jsonOf(event)).toString()) }
  } catch (thrown) {
    // The fault is told as one of the data.
    return { fault: toSluiceError(thrown).message.replace(/^the data /, '') }
  }
}

/**
 * Whether a step gets the very event that the caller sent. Of a stored request, which may have been put down on the way,
 * that is a copy, so that what is in it decides.
 */
export function isCallers(event: CloudEvent, { original, journal }: Request): boolean {
  if (event === original) return true
  return journal !== undefined && isEqual(event, original)
}

function isEqual(event: CloudEvent, original: CloudEvent): boolean {
  const { attributes, data } = event
  if (attributes.size !== original.attributes.size) return false
  for (const [name, value] of attributes) if (original.attributes.get(name) !== value) return false
  return Buffer.compare(data ?? none, original.data ?? none) === 0
}

const none = new Uint8Array(0)
