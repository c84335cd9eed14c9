/** A name without any character that means something in a key; UUIDs stay as they are. */
export const encodeName = (name: string): string => (plain.test(name) ? name : encodeURIComponent(name.toWellFormed()))

/** Stays as it is; telling so is cheaper than encoding it. */
const plain = /^[\w.-]*$/

export const decodeName = (encoded: string): string => decodeURIComponent(encoded)
