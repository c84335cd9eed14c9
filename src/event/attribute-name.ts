import { attributeFault } from './attribute-fault.ts'

/** The specification recommends 20 letters at most but demands no limit; longer names than this are no names. */
const maxNameLength = 64

/** Throws INVALID_EVENT for what cannot be the name of an attribute. */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > maxNameLength) {
    throw attributeFault(name, `has a wrong name: it must have 1 to ${maxNameLength} letters and digits`)
  }
  for (let i = 0; i < name.length; i++) {
    if (!isNameCode(name.charCodeAt(i))) {
      throw attributeFault(name, 'has a wrong name: only lower-case letters a-z and digits are allowed')
    }
  }
  if (name === 'data') throw attributeFault(name, 'is reserved: data is no attribute, in binary mode it is the body')
}

const isNameCode = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)
